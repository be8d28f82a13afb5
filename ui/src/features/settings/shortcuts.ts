// Which shortcuts are in force, and where two actions want the same.

import { parseShortcut } from '../../project/keys';

/** What counts of an action here. */
export interface Bound {
  readonly id: string;
  readonly keys?: readonly string[];
  readonly scope?: string;
}

type Own = Readonly<Record<string, string>>;

/** Shortcuts of an action: the person's own, or its defaults. */
export function keysOf(action: Bound, own: Own): readonly string[] {
  const chosen = own[action.id];
  if (chosen === undefined) return action.keys ?? [];
  const parsed = parseShortcut(chosen);
  return parsed === null ? [] : [parsed];
}

/** Another action that has the shortcut in the same place; one elsewhere does not disturb. */
export function clash<A extends Bound>(
  actions: readonly A[],
  action: Bound,
  shortcut: string,
  own: Own,
): A | undefined {
  return actions.find(
    (other) =>
      other.id !== action.id &&
      other.scope === action.scope &&
      keysOf(other, own).includes(shortcut),
  );
}

/** The person's shortcuts with one more; whoever had it in the same place loses it. */
export function bind(
  actions: readonly Bound[],
  action: Bound,
  shortcut: string,
  own: Own,
): Record<string, string> {
  const next: Record<string, string> = { ...own, [action.id]: shortcut };
  const loser = clash(actions, action, shortcut, own);
  if (loser) next[loser.id] = '';
  if (action.keys?.length === 1 && action.keys[0] === shortcut) delete next[action.id];
  return next;
}

/** The person's shortcuts without a change to one action. */
export function unbind(action: Bound, own: Own): Record<string, string> {
  const { [action.id]: _gone, ...rest } = own;
  return rest;
}
