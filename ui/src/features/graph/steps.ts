// Where the arrow keys lead on the canvas.

import type { Positions } from './card';

const DIRECTIONS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export const isStep = (key: string): boolean => key in DIRECTIONS;

/** The card nearest in a direction, by what it takes to look there: sideways counts more than ahead. */
export function stepTo(positions: Positions, from: string, key: string): string | null {
  const [dx, dy] = DIRECTIONS[key] ?? [0, 0];
  const here = positions[from];
  if (!here) return null;
  let best: string | null = null;
  let least = Infinity;
  for (const [id, there] of Object.entries(positions)) {
    const [x, y] = [there.x - here.x, there.y - here.y];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    const cost = ahead + 2.5 * aside;
    if (ahead > 1 && cost < least) {
      best = id;
      least = cost;
    }
  }
  return best;
}
