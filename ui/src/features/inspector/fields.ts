// Which fields the inspector shows for a selection, and what several nodes have in common.

import type { Field, NodeType, Value } from '../../bindings/graph';
import type { Definitions } from '../../project/template';

export interface FieldGroup {
  /** Heading; empty: the fields that come first, without one. */
  name: string;
  fields: Field[];
}

/**
 * Fields of a type by group, in order; of several types those that all of them have. The title has
 * a place of its own.
 */
export function fieldGroups(types: readonly NodeType[], definitions: Definitions): FieldGroup[] {
  const [first, ...others] = types;
  const groups = new Map<string, Field[]>([['', []]]);
  for (const { field: id, group } of first?.fields ?? []) {
    const field = definitions.fields.get(id);
    const everywhere = others.every((type) => type.fields.some((place) => place.field === id));
    if (!field || !everywhere || field.role === 'title') continue;
    const fields = groups.get(group);
    if (fields) fields.push(field);
    else groups.set(group, [field]);
  }
  return [...groups].flatMap(([name, fields]) => (fields.length > 0 ? [{ name, fields }] : []));
}

export interface Shared {
  /** The value that all have; undefined: empty everywhere, or not the same. */
  value: Value | undefined;
  mixed: boolean;
}

/** What values have in common. Sets arrive sorted, so equal values are equal as JSON. */
export function shared(values: readonly (Value | undefined)[]): Shared {
  const [first] = values;
  const mixed = values.some((value) => !sameValue(value, first));
  return { value: mixed ? undefined : first, mixed };
}

export function sameValue(a: Value | null | undefined, b: Value | null | undefined): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** Fields whose editor needs the whole width of the pane. */
export function isWide({ kind }: Field): boolean {
  return kind === 'prose' || kind === 'hours' || kind === 'files';
}
