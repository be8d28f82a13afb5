// How the width of the window is shared. Panes are sized in hundredths.

const RAIL_PX = 48;
/** Narrower, labels and values of the inspector stand in each other's way. */
const LEAST_INSPECTOR_PX = 280;
const NARROW_INSPECTOR_PX = 296;
const WIDE_INSPECTOR_PX = 380;
const USUAL_PART = 0.25;

const hundredths = (px: number, windowPx: number): number => (100 * px) / Math.max(px, windowPx - RAIL_PX);

/** The part of the window that the inspector has at first. */
export function inspectorPart(windowPx: number): number {
  const usual = (windowPx - RAIL_PX) * USUAL_PART;
  return hundredths(Math.min(WIDE_INSPECTOR_PX, Math.max(NARROW_INSPECTOR_PX, usual)), windowPx);
}

/** The least part that it can be made. */
export const leastInspectorPart = (windowPx: number): number => Math.min(50, hundredths(LEAST_INSPECTOR_PX, windowPx));
