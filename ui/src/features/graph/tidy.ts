// A tree from left to right in the order of the outline: every parent beside the middle of its
// children, long rows of leaves in columns. Takes a moment for any number of cards; links do not count.

import { CARD, GAP, type Positions } from './card';
import type { Picture } from './scope';

/** More leaves than this under one parent stand in columns of this many. */
const LEAVES_IN_COLUMN = 10;

const STEP = { x: CARD.width + GAP.layer, y: CARD.height + GAP.row };

export function arrangeTree({ cards, stacks, edges }: Picture): Positions {
  const children = new Map<string, string[]>();
  const beneath = new Set<string>();
  for (const { kind, from, to } of edges) {
    if (kind !== 'parent') continue;
    children.set(from, [...(children.get(from) ?? []), to]);
    beneath.add(to);
  }
  const ids = [...cards, ...stacks.map(({ id }) => id)];
  const positions: Positions = {};
  place(
    ids.filter((id) => !beneath.has(id)),
    0,
    0,
  );
  return positions;

  /** Places siblings and all beneath them from a corner on. Returns the height that they take. */
  function place(siblings: readonly string[], x: number, top: number): number {
    let y = top;
    for (let at = 0; at < siblings.length;) {
      const leaves = leavesFrom(siblings, at);
      if (leaves.length > 0) y += column(leaves, x, y);
      else y += branch(siblings[at] ?? '', x, y);
      at += Math.max(leaves.length, 1);
    }
    return y - top;
  }

  function leavesFrom(siblings: readonly string[], start: number): readonly string[] {
    const end = siblings.findIndex((id, index) => index >= start && children.has(id));
    return siblings.slice(start, end < 0 ? undefined : end);
  }

  function column(leaves: readonly string[], x: number, y: number): number {
    const columns = Math.ceil(leaves.length / LEAVES_IN_COLUMN);
    const rows = Math.ceil(leaves.length / columns);
    leaves.forEach((id, index) => {
      positions[id] = {
        x: x + Math.floor(index / rows) * (CARD.width + GAP.row),
        y: y + (index % rows) * STEP.y,
      };
    });
    return rows * STEP.y;
  }

  function branch(id: string, x: number, y: number): number {
    const height = place(children.get(id) ?? [], x + STEP.x, y);
    positions[id] = { x, y: y + (height - STEP.y) / 2 };
    return height;
  }
}
