// Menus at a row.

import type { NodeId } from '../../bindings/graph';
import type { MenuEntry } from '../../kit';
import { actions } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import { nodesWith, optionChoices, optionField } from './options';

export function nodeMenu(): MenuEntry[] {
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
    item('node.moveTo'),
    'line',
    actions.submenu('node.convert'),
    actions.submenu('node.status'),
    linkMenu(),
    kitMenu(),
    item('node.comment'),
    'line',
    item('outline.zoomIn'),
    'line',
    { ...actions.item('node.trash'), danger: true },
  ];
}

const linkMenu = (): MenuEntry => ({
  label: 'Link',
  icon: 'link',
  testid: 'menu-link',
  items: ['link.blockedBy', 'link.blocks', 'link.relatesTo', 'link.remove'].map((id) => actions.item(id)),
});

function kitMenu(): MenuEntry {
  const { items, unavailable } = actions.submenu('kit.insert');
  const insert = unavailable === null ? items : [];
  return {
    label: 'Kits',
    icon: 'package',
    testid: 'menu-kits',
    items: [
      ...(insert.length > 0 ? [{ heading: 'Insert' }, ...insert, 'line' as const] : []),
      actions.item('kit.save'),
      actions.item('kit.remove'),
    ],
  };
}

/** Options of a select field; of the status, when no field is named. Sets all selected nodes that have it. */
export function optionMenu(project: Project, id: NodeId, fieldId: string | null): MenuEntry[] {
  const field = optionField(project, id, fieldId);
  if (!field) return [];
  if (project.whyNotWrite !== null) return [{ label: field.label, icon: 'lock', unavailable: project.whyNotWrite }];
  const count = nodesWith(project, id, field).length;
  const heading = count > 1 ? `${field.label} of ${count} items` : field.label;
  return [{ heading }, ...optionChoices(project, id, fieldId).map((choice) => actions.choiceItem(choice))];
}
