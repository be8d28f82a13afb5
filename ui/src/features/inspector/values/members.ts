// Sets of ids: options, people, nodes.

import type { Field, NodeId, Value } from '../../../bindings/graph';
import type { Definitions } from '../../../project/template';

/** Ids that a set value holds. */
export function membersOf(value: Value | undefined): readonly string[] {
  if (value === undefined) return [];
  if ('options' in value) return value.options;
  if ('nodes' in value) return value.nodes;
  return [];
}

/** Types to which a people or node field may point. */
export function targetTypes(field: Field, definitions: Definitions): ReadonlySet<string> {
  const types = definitions.template.types.filter(
    ({ id, traits }) =>
      (field.targets.length === 0 || field.targets.includes(id)) &&
      (field.kind !== 'people' || traits.includes('person')),
  );
  return new Set(types.map(({ id }) => id));
}

/** Live nodes of some types, in the order they were made. */
export function nodesOfTypes(
  nodes: Iterable<{ id: NodeId; type: string }>,
  types: ReadonlySet<string>,
): NodeId[] {
  return [...nodes].filter(({ type }) => types.has(type)).map(({ id }) => id);
}
