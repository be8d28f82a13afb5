// Where dragged nodes would land. The pointer's height chooses the gap between two rows, its indentation
// the depth among those that are possible there and allowed by the template.

import type { NodeId } from '../../bindings/graph';
import type { Definitions } from '../../project/template';
import type { Tree } from '../../project/tree';
import { parentIndex, type Place, type Rows } from './rows';

export interface Dropping {
  readonly rows: Rows;
  readonly tree: Tree;
  readonly definitions: Definitions;
  /** Top of the outline; null: the project. */
  readonly root: NodeId | null;
  readonly isFolded: (id: NodeId) => boolean;
  /** What is dragged: no node of it stands under another. */
  readonly moving: readonly NodeId[];
}

export interface Drop {
  /** The line is drawn above the row with this index. */
  readonly gap: number;
  /** Depth at which the line starts, from 1. */
  readonly level: number;
  readonly place: Place;
  /** Why it cannot be dropped here; null: it can. */
  readonly refusal: string | null;
}

/** `y` in rows from the top of the list, `level` as the pointer's indentation asks. */
export function dropAt(on: Dropping, y: number, level: number): Drop {
  const gap = Math.max(0, Math.min(on.rows.ids.length, Math.round(y)));
  const candidates = depths(on, gap).map((depth) => candidate(on, gap, depth));
  const byNearness = [...candidates].sort((a, b) => Math.abs(a.level - level) - Math.abs(b.level - level));
  const best = byNearness.find((drop) => drop.refusal === null) ?? byNearness[0];
  return best ?? { gap, level: 1, place: { parent: on.root, at: 'first' }, refusal: null };
}

/** Depths possible in a gap: from that of the row below to beneath the row above. */
function depths({ rows }: Dropping, gap: number): number[] {
  if (gap === 0) return [1];
  const deepest = (rows.levels[gap - 1] ?? 0) + 1;
  const shallowest = Math.min(rows.levels[gap] ?? 1, deepest);
  return Array.from({ length: deepest - shallowest + 1 }, (_, index) => shallowest + index);
}

function candidate(on: Dropping, gap: number, level: number): Drop {
  const place = placeAt(on, gap, level);
  return { gap, level, place, refusal: refusal(on, place.parent) };
}

function placeAt({ rows, root, isFolded, moving }: Dropping, gap: number, level: number): Place {
  if (gap === 0) return { parent: root, at: 'first' };
  let above = gap - 1;
  const under = rows.ids[above] ?? null;
  if (level > (rows.levels[above] ?? 0)) {
    return { parent: under, at: under !== null && isFolded(under) ? 'last' : 'first' };
  }
  while (above >= 0 && (rows.levels[above] ?? 0) > level) above = parentIndex(rows, above);
  const sibling = rows.ids[above];
  const parent = rows.ids[parentIndex(rows, above)] ?? root;
  if (sibling === undefined) return { parent, at: 'first' };
  return { parent, at: { after: lastStaying(rows, above, moving) ?? sibling } };
}

/** A place next to what itself moves is named by a neighbour that stays, where there is one. */
function lastStaying(rows: Rows, index: number, moving: readonly NodeId[]): NodeId | null {
  const level = rows.levels[index] ?? 0;
  for (let at = index; at >= 0 && (rows.levels[at] ?? 0) >= level; at--) {
    const id = rows.ids[at];
    if (rows.levels[at] === level && id !== undefined && !moving.includes(id)) return id;
  }
  return null;
}

function refusal({ tree, definitions, moving }: Dropping, parent: NodeId | null): string | null {
  if (moving.some((id) => tree.within(parent, id))) return 'An item cannot be moved into itself.';
  const above = parent === null ? null : tree.nodes.get(parent);
  if (above === undefined) return 'This place is gone.';
  const parentType = above === null ? null : above.type;
  for (const id of moving) {
    const type = tree.nodes.get(id)?.type;
    if (type === undefined || tree.nodes.get(id)?.parent === parent) continue;
    if (!definitions.allows(parentType, type)) return notAllowed(definitions, parentType, type);
  }
  return null;
}

/** Why a type may not stand under another, and what may. */
export function notAllowed(definitions: Definitions, parent: string | null, child: string): string {
  const what = definitions.types.get(child)?.label ?? 'This';
  const where = parent === null ? 'at the top' : `under ${definitions.types.get(parent)?.label ?? 'this'}`;
  const others = definitions.allowedUnder(parent).map((type) => type.label);
  const hint = others.length > 0 ? ` Allowed: ${others.join(', ')}.` : ' Nothing can.';
  return `${what} cannot stand ${where}.${hint}`;
}
