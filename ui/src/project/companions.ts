// The other machines of a room as the people at them. Pure.

import type { Companion, Sharing } from '../bindings/app';
import type { NodeId, PersonId } from '../bindings/graph';

/** Somebody who is in the room now. */
export interface Visitor {
  readonly person: PersonId;
  readonly name: string;
  readonly colour: string;
  readonly node: NodeId | null;
  readonly isTyping: boolean;
}

/** The other machines of a room. While nobody is reached nobody is there, however recently they were heard. */
export function companionsOf(sharing: Sharing | null): readonly Companion[] {
  if (sharing === null) return [];
  if (sharing.status.kind !== 'offline') return sharing.companions;
  return sharing.companions.map((one) => ({ ...one, person: null, node: null, field: null, isTyping: false }));
}

/** Everybody who is there, once, in an order that stays. Whoever sits at two machines is where they type, or were heard last. */
export function peopleOf(companions: readonly Companion[]): Visitor[] {
  const present = companions.filter((one) => one.person !== null);
  present.sort((a, b) => Number(b.isTyping) - Number(a.isTyping) || b.seenAt - a.seenAt);
  const found = new Map<PersonId, Visitor>();
  for (const { person, name, colour, node, isTyping } of present) {
    if (person === null || found.has(person)) continue;
    found.set(person, { person, name: name || 'Somebody', colour: colour ?? 'var(--info)', node, isTyping });
  }
  return [...found.values()].sort((a, b) => (a.person < b.person ? -1 : 1));
}

/** Who looks at which node. */
export function byNode(people: readonly Visitor[]): ReadonlyMap<NodeId, readonly Visitor[]> {
  const found = new Map<NodeId, Visitor[]>();
  for (const visitor of people) {
    if (visitor.node !== null) found.set(visitor.node, [...(found.get(visitor.node) ?? []), visitor]);
  }
  return found;
}

/** Whose a change of several people may be: whoever looks at the node, or is the only one there. */
export function colourOfChange(node: NodeId, people: readonly Visitor[]): string {
  const near = people.filter((visitor) => visitor.node === node);
  const [only, ...others] = near.length > 0 ? near : people;
  return only && others.length === 0 ? only.colour : 'var(--info)';
}
