// Drawings by name. Those that the window itself names are there from the start; the others are read when one of them is
// first asked for.

import named from 'virtual:icons';

const UNKNOWN = 'circle';

let all = $state.raw<Record<string, string> | null>(null);
let reading: Promise<Record<string, string>> | null = null;

/** Every drawing there is. */
export function allDrawings(): Promise<Record<string, string>> {
  reading ??= import('virtual:icons/all').then(({ default: drawings }) => (all = drawings));
  return reading;
}

/** A drawing as SVG markup. An unknown name is a circle, so that a typing error shows but breaks nothing. */
export function drawing(name: string): string {
  const known = named[name] ?? all?.[name];
  if (known === undefined && all === null) void allDrawings();
  return known ?? named[UNKNOWN] ?? '';
}
