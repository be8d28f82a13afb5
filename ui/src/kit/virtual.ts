// Which rows of a long list are to be drawn. All rows have one height, so this is arithmetic.

export interface Window {
  /** Index of the first row drawn. */
  readonly first: number;
  /** Index behind the last row drawn. */
  readonly end: number;
}

/** Rows drawn beyond each edge, so that a fast scroll finds them there. */
export const OVERSCAN = 16;
/** The same after a leap, where all rows are new at once. */
export const OVERSCAN_AFTER_LEAP = 4;

export function rowsInView(scrollTop: number, height: number, row: number, count: number, overscan = OVERSCAN): Window {
  // Steps of half the overscan: most scroll events change nothing.
  const step = Math.max(1, Math.floor(overscan / 2));
  const top = Math.floor(scrollTop / row / step) * step;
  const first = Math.max(0, Math.min(count, top - overscan));
  const end = Math.min(count, top + step + Math.ceil(height / row) + overscan);
  return { first, end: Math.max(first, end) };
}

/** The scroll position that brings a row into view with the least movement; null: it is there. */
export function scrollFor(index: number, scrollTop: number, height: number, row: number, above = 0): number | null {
  const top = index * row;
  if (top < scrollTop + above) return Math.max(0, top - above);
  if (top + row > scrollTop + height) return top + row - height;
  return null;
}
