// What the palette offers for what was typed. Pure, so that ranking can be tested.

import type { NodeId, NodeType } from '../bindings/graph';
import { fuzzySearch } from '../kit';
import { GROUPS, type Action, type Choice } from '../project/actions.svelte';
import type { Titled } from './titles';

export type PaletteItem =
  | { kind: 'action'; key: string; title: string; action: Action; reason: string | null }
  | { kind: 'node'; key: string; title: string; node: NodeId }
  | { kind: 'type'; key: string; title: string; type: NodeType; reason: string | null }
  | { kind: 'choice'; key: string; title: string; choice: Choice };

export interface Offer {
  readonly actions: readonly { action: Action; title: string; reason: string | null }[];
  /** Ids of actions, those used last first. */
  readonly recent: readonly string[];
  readonly nodes: () => readonly Titled[];
  readonly types: readonly { type: NodeType; reason: string | null }[];
}

const MOST_ACTIONS = 60;
const MOST_NODES = 60;
const MOST_CHOICES = 500;

/** `>` only actions, `#` only types to create, anything else: actions, then nodes by title. */
export function paletteItems(typed: string, offer: Offer): PaletteItem[] {
  if (typed.startsWith('#')) return types(typed.slice(1), offer);
  const onlyActions = typed.startsWith('>');
  const query = (onlyActions ? typed.slice(1) : typed).trim();
  const found = actions(query, offer);
  if (onlyActions || query === '') return found;
  const list = offer.nodes();
  const nodes = fuzzySearch(list.map(({ title }) => title), query, MOST_NODES).flatMap((at): PaletteItem[] => {
    const entry = list[at];
    return entry ? [{ kind: 'node', key: entry.node, ...entry }] : [];
  });
  // A title that starts with what was typed is what one was looking for.
  const starts = nodes.filter((item) => item.title.toLowerCase().startsWith(query.toLowerCase()));
  return [...starts.slice(0, 3), ...found.slice(0, 8), ...nodes.filter((item) => !starts.slice(0, 3).includes(item))];
}

/** The choices of an action that fit what was typed. Nobody scrolls through more: further letters find the rest. */
export function choiceItems(typed: string, choices: readonly Choice[]): PaletteItem[] {
  const titles = choices.map(({ title }) => title);
  return fuzzySearch(titles, typed.trim(), MOST_CHOICES).flatMap((at): PaletteItem[] => {
    const choice = choices[at];
    return choice ? [{ kind: 'choice', key: choice.key, title: choice.title, choice }] : [];
  });
}

function actions(query: string, { actions: all, recent }: Offer): PaletteItem[] {
  const rank = (id: string) => (recent.includes(id) ? recent.indexOf(id) : recent.length);
  const sorted = [...all].sort(
    (a, b) =>
      Number(a.reason !== null) - Number(b.reason !== null) ||
      rank(a.action.id) - rank(b.action.id) ||
      GROUPS.indexOf(a.action.group) - GROUPS.indexOf(b.action.group),
  );
  const texts = sorted.map(({ title, action }) => `${title} ${action.group}`);
  return fuzzySearch(texts, query, MOST_ACTIONS).flatMap((at): PaletteItem[] => {
    const entry = sorted[at];
    return entry ? [{ kind: 'action', key: entry.action.id, ...entry }] : [];
  });
}

function types(query: string, offer: Offer): PaletteItem[] {
  const sorted = [...offer.types].sort((a, b) => Number(a.reason !== null) - Number(b.reason !== null));
  return fuzzySearch(sorted.map(({ type }) => type.label), query).flatMap((at): PaletteItem[] => {
    const entry = sorted[at];
    return entry ? [{ kind: 'type', key: entry.type.id, title: `New ${entry.type.label}`, ...entry }] : [];
  });
}
