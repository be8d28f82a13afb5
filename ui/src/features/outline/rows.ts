// The rows of the outline from top to bottom, as parallel arrays: 100,000 small objects would cost more
// than all the rest.

import type { NodeId, Position } from '../../bindings/graph';
import type { FoldState } from '../../project/fold';
import type { Tree } from '../../project/tree';

/** A place among siblings, as people point at one: beside something, never by number. */
export interface Place {
  parent: NodeId | null;
  at: Exclude<Position, { index: number }>;
}

export interface Rows {
  readonly ids: readonly NodeId[];
  /** Depth, from 1 at the top. */
  readonly levels: readonly number[];
  /** Position among the siblings, from 1. */
  readonly positions: readonly number[];
  /** The greatest depth of all rows. */
  readonly deepest: number;
}

/** The unfolded rows beneath `root`; of null: of the whole project. */
export function visibleRows(tree: Tree, fold: FoldState, root: NodeId | null): Rows {
  const ids: NodeId[] = [];
  const levels: number[] = [];
  const positions: number[] = [];
  let deepest = 0;
  const open: { list: readonly NodeId[]; at: number }[] = [{ list: tree.children(root), at: 0 }];
  while (open.length > 0) {
    const top = open[open.length - 1]!;
    const id = top.list[top.at++];
    if (id === undefined) {
      open.pop();
      continue;
    }
    ids.push(id);
    levels.push(open.length);
    deepest = Math.max(deepest, open.length);
    positions.push(top.at);
    const children = tree.children(id);
    if (children.length > 0 && !fold.isFolded(id)) open.push({ list: children, at: 0 });
  }
  return { ids, levels, positions, deepest };
}

/** Index behind the visible subtree of the row at `index`. */
export function endOfSubtree(rows: Rows, index: number): number {
  const level = rows.levels[index] ?? 0;
  let end = index + 1;
  while (end < rows.ids.length && (rows.levels[end] ?? 0) > level) end++;
  return end;
}

/** The row that the row at `index` stands under, or -1. */
export function parentIndex(rows: Rows, index: number): number {
  const level = rows.levels[index] ?? 0;
  for (let at = index - 1; at >= 0; at--) if ((rows.levels[at] ?? 0) < level) return at;
  return -1;
}

/** The rows with one more, which is not in the tree. */
export function withRow(rows: Rows, index: number, id: NodeId, level: number): Rows {
  const insert = <T>(list: readonly T[], item: T) => [...list.slice(0, index), item, ...list.slice(index)];
  return {
    ids: insert(rows.ids, id),
    levels: insert(rows.levels, level),
    positions: insert(rows.positions, 1),
    deepest: Math.max(rows.deepest, level),
  };
}

/** Row index and level of a place. */
export function spotOf(rows: Rows, { parent, at }: Place): { index: number; level: number } {
  const above = parent === null ? -1 : rows.ids.indexOf(parent);
  const level = (rows.levels[above] ?? 0) + 1;
  if (at === 'first') return { index: above + 1, level };
  if (at !== 'last' && 'before' in at) {
    const below = rows.ids.indexOf(at.before);
    return { index: below < 0 ? rows.ids.length : below, level };
  }
  const beside = at === 'last' ? above : rows.ids.indexOf(at.after);
  return { index: beside < 0 ? rows.ids.length : endOfSubtree(rows, beside), level };
}
