// Menus at a row.

import type { NodeId } from '../../bindings/graph';
import type { MenuEntry } from '../../kit';
import { actions } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';

export function nodeMenu(project: Project): MenuEntry[] {
  const item = (id: string): MenuEntry => actions.item(id);
  return [
    item('node.addSibling'),
    item('node.addChild'),
    item('node.rename'),
    'line',
    item('node.cut'),
    item('node.copy'),
    item('node.paste'),
    item('node.duplicate'),
    'line',
    item('node.indent'),
    item('node.outdent'),
    item('node.moveUp'),
    item('node.moveDown'),
    convertMenu(project),
    'line',
    item('outline.zoomIn'),
    'line',
    { ...actions.item('node.trash'), danger: true },
  ];
}

/** Types that every selected node may have where it stands. */
function convertMenu(project: Project): MenuEntry {
  const nodes = [...project.selection.ids].flatMap((id) => project.node(id) ?? []);
  const types = project.definitions.template.types.filter((type) =>
    nodes.every((node) => {
      const parent = node.parent === null ? null : (project.node(node.parent)?.type ?? null);
      return project.definitions.allows(parent, type.id) && node.type !== type.id;
    }),
  );
  return {
    label: 'Convert to',
    icon: 'replace',
    unavailable: project.whyNotWrite ?? (types.length > 0 ? null : 'No other type fits here'),
    items: types.map((type) => ({
      label: type.label,
      type,
      run: () => void project.apply({ kind: 'convertType', nodes: nodes.map((node) => node.id), nodeType: type.id }),
    })),
  };
}

/** Options of a select field; of the status, when no field is named. Sets all selected nodes that have it. */
export function optionMenu(project: Project, id: NodeId, fieldId: string | null): MenuEntry[] {
  const { definitions, selection } = project;
  const node = project.node(id);
  const field = fieldId === null ? node && definitions.withRole(node.type, 'status') : definitions.fields.get(fieldId);
  if (!node || !field) return [];
  const hasField = (other: NodeId) =>
    definitions.types.get(project.node(other)?.type ?? '')?.fields.some((placed) => placed.field === field.id) ?? false;
  const nodes = selection.has(id) ? [...selection.ids].filter(hasField) : [id];
  const now = node.values[field.id];
  const current = now && 'option' in now ? now.option : null;
  if (project.whyNotWrite !== null) return [{ label: field.label, icon: 'lock', unavailable: project.whyNotWrite }];
  const set = (option: string | null) => () =>
    void project.apply({ kind: 'setField', nodes, field: field.id, value: option === null ? null : { option } });
  return [
    { heading: nodes.length > 1 ? `${field.label} of ${nodes.length} nodes` : field.label },
    ...field.options.map((option) => ({
      label: option.label,
      icon: option.indicator.icon,
      colour: option.indicator.colour,
      checked: option.id === current,
      run: set(option.id),
      testid: `option-${option.id}`,
    })),
    ...(current === null ? [] : ['line' as const, { label: 'Clear', icon: 'x', run: set(null) }]),
  ];
}
