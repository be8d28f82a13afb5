// How the keyboard and the pointer select rows (ARIA treegrid pattern). Pure: rows in, selection out.

import type { NodeId } from '../../bindings/graph';
import type { Rows } from './rows';

export interface Chosen {
  readonly ids: Iterable<NodeId>;
  readonly focus: NodeId | null;
  readonly anchor: NodeId | null;
}

/** The row `delta` further, kept within the list; infinite: an end. With no focus: the first, or the last going up. */
export function step(rows: Rows, focus: NodeId | null, delta: number): NodeId | null {
  const last = rows.ids.length - 1;
  if (last < 0) return null;
  const at = focus === null ? -1 : rows.ids.indexOf(focus);
  if (at < 0) return rows.ids[delta === -Infinity || (delta > 0 && delta < Infinity) ? 0 : last] ?? null;
  return rows.ids[Math.max(0, Math.min(last, at + delta))] ?? null;
}

/** All rows from one to another, whichever is first. */
export function range(rows: Rows, from: NodeId | null, to: NodeId): NodeId[] {
  const end = rows.ids.indexOf(to);
  const start = from === null ? -1 : rows.ids.indexOf(from);
  if (end < 0) return [];
  if (start < 0) return [to];
  return rows.ids.slice(Math.min(start, end), Math.max(start, end) + 1);
}

/** A click or a move to a row, with what was held down. */
export function choose(
  rows: Rows,
  now: { ids: ReadonlySet<NodeId>; anchor: NodeId | null },
  to: NodeId,
  held: { shift: boolean; mod: boolean },
): Chosen {
  if (held.shift) {
    const added = range(rows, now.anchor, to);
    return { ids: held.mod ? new Set([...now.ids, ...added]) : added, focus: to, anchor: now.anchor ?? to };
  }
  if (!held.mod) return { ids: [to], focus: to, anchor: to };
  const ids = new Set(now.ids);
  if (!ids.delete(to)) ids.add(to);
  return { ids, focus: to, anchor: to };
}

/** The next row whose title starts with what was typed; one repeated letter walks through its rows. */
export function typeAhead(
  rows: Rows,
  title: (id: NodeId) => string,
  focus: NodeId | null,
  typed: string,
): NodeId | null {
  const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
  const letters = [...fold(typed)];
  const repeated = letters.length > 1 && letters.every((letter) => letter === letters[0]);
  const wanted = repeated ? (letters[0] ?? '') : letters.join('');
  const count = rows.ids.length;
  const at = focus === null ? -1 : rows.ids.indexOf(focus);
  // A first letter looks beyond the focus; further letters may still mean the row they found.
  const start = letters.length === 1 || repeated ? at + 1 : Math.max(at, 0);
  for (let offset = 0; offset < count; offset++) {
    const id = rows.ids[(start + offset) % count];
    if (id !== undefined && fold(title(id)).startsWith(wanted)) return id;
  }
  return null;
}
