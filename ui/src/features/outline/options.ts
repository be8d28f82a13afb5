// The options of a field, as something to choose from.

import type { Field, FieldId, NodeId } from '../../bindings/graph';
import type { Choice } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';

/** A field of a node by its id; its status, when none is named. */
export function optionField(project: Project, id: NodeId, field: FieldId | null): Field | null {
  const { definitions } = project;
  if (field !== null) return definitions.fields.get(field) ?? null;
  return definitions.withRole(project.node(id)?.type ?? '', 'status');
}

/** The nodes that an option is set of: all that are selected and have the field, or the one that was pointed at. */
export function nodesWith(project: Project, id: NodeId, field: Field): NodeId[] {
  const { selection, definitions } = project;
  if (!selection.has(id)) return [id];
  const has = (type: string) => definitions.types.get(type)?.fields.some((placed) => placed.field === field.id) ?? false;
  return [...selection.ids].filter((other) => has(project.node(other)?.type ?? ''));
}

/** What to set, and last what takes it away. */
export function optionChoices(project: Project, id: NodeId, fieldId: FieldId | null): Choice[] {
  const field = optionField(project, id, fieldId);
  if (!field) return [];
  const value = project.node(id)?.values[field.id];
  const current = value && 'option' in value ? value.option : null;
  const set = (option: string | null) => () =>
    project.apply({
      kind: 'setField', nodes: nodesWith(project, id, field), field: field.id, value: option === null ? null : { option },
    });
  const clear: Choice = { key: 'none', title: 'Clear', icon: 'x', run: set(null) };
  return [
    ...field.options.map((option) => ({
      key: option.id,
      title: option.label,
      icon: option.indicator.icon,
      colour: option.indicator.colour,
      checked: option.id === current,
      testid: `option-${option.id}`,
      run: set(option.id),
    })),
    ...(current === null ? [] : [clear]),
  ];
}
