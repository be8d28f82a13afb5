// What one can do with nodes once one has chosen: a type, a place, a status, a kit.

import type { NodeId, TypeId } from '../../bindings/graph';
import type { Action, Choice } from '../../project/actions.svelte';
import { nodeChoices } from '../../project/node_choices';
import type { Project } from '../../project/project.svelte';
import { insertKit, kits } from './kits.svelte';
import { optionChoices, optionField } from './options';

const NOTHING_SELECTED = 'Select an item first';

export function choosingActions(project: Project): Action[] {
  return [status(project), convert(project), moveTo(project), ...kitActions(project)];
}

function status(project: Project): Action {
  const { selection } = project;
  const at = () => selection.shown[0];
  return {
    id: 'node.status',
    needs: 'write',
    title: 'Set status…',
    group: 'Item',
    icon: 'circle-dot',
    unavailable: () => {
      const id = at();
      if (id === undefined) return NOTHING_SELECTED;
      return optionField(project, id, null) ? null : 'Items of this type have no status';
    },
    choices: () => {
      const id = at();
      return id === undefined ? [] : optionChoices(project, id, null);
    },
  };
}

function convert(project: Project): Action {
  const typeOf = (id: NodeId | null): TypeId | null => (id === null ? null : (project.node(id)?.type ?? null));
  const nodes = () => project.selection.shown.flatMap((id) => project.node(id) ?? []);
  const types = () =>
    project.definitions.conversions(nodes().map(({ type, parent }) => ({ type, above: typeOf(parent) })));
  return {
    id: 'node.convert',
    needs: 'write',
    title: 'Convert to…',
    group: 'Item',
    icon: 'replace',
    unavailable: () => {
      if (nodes().length === 0) return NOTHING_SELECTED;
      return types().length > 0 ? null : 'No other type fits here';
    },
    choices: () =>
      types().map((type) => ({
        key: type.id,
        title: type.label,
        type,
        testid: `convert-${type.key}`,
        run: () => project.apply({ kind: 'convertType', nodes: nodes().map(({ id }) => id), nodeType: type.id }),
      })),
  };
}

/** What dragging does, without a pointer. */
function moveTo(project: Project): Action {
  const moving = () => project.tree.roots(project.selection.ids);
  const takes = (parent: NodeId | null, nodes: readonly NodeId[]) =>
    nodes.every((id) => {
      const type = project.node(id)?.type;
      const above = parent === null ? null : (project.node(parent)?.type ?? null);
      return type !== undefined && project.definitions.allows(above, type) && !project.tree.within(parent, id);
    });
  const move = async (nodes: NodeId[], parent: NodeId | null) => {
    const applied = await project.apply({ kind: 'moveNodes', nodes, place: { parent, at: 'last' } });
    if (applied && parent !== null) project.setFolded([parent], false);
  };
  return {
    id: 'node.moveTo',
    needs: 'write',
    title: 'Move beneath…',
    group: 'Item',
    icon: 'corner-down-right',
    unavailable: () => (project.selection.ids.size > 0 ? null : NOTHING_SELECTED),
    choices: () => {
      const nodes = moving();
      const parents = [...project.rows.keys()].filter((id) => takes(id, nodes));
      const top: Choice = { key: 'top', title: project.frame.name, icon: 'folder', place: () => 'At the top', run: () => move(nodes, null) };
      return [...(takes(null, nodes) ? [top] : []), ...nodeChoices(project, parents, (parent) => move(nodes, parent))];
    },
  };
}

function kitActions(project: Project): Action[] {
  const all = () => Object.entries(project.frame.kits).sort(([, one], [, other]) => one.localeCompare(other));
  const noKits = () => (all().length > 0 ? null : 'There is no kit yet');
  const choices = (testid: string, run: (kit: string) => unknown) => () =>
    all().map(([kit, name]): Choice => ({ key: kit, title: name, icon: 'package', testid: `${testid}-${name}`, run: () => run(kit) }));
  return [
    {
      id: 'kit.save', needs: 'write', title: 'Save as kit…', group: 'Item', icon: 'package-plus',
      unavailable: () => (project.selection.ids.size > 0 ? null : NOTHING_SELECTED),
      run: () => void (kits.saving = project.tree.roots(project.selection.ids)),
    },
    {
      id: 'kit.insert', needs: 'write', title: 'Insert kit…', group: 'Item', icon: 'package-open',
      unavailable: noKits,
      choices: choices('kit', (kit) => insertKit(project, kit)),
    },
    {
      id: 'kit.remove', needs: 'write', title: 'Remove kit…', group: 'Item', icon: 'package-minus',
      unavailable: noKits,
      choices: choices('remove-kit', (kit) => project.apply({ kind: 'removeKit', kit })),
    },
  ];
}
