// What one can do with nodes, from any view, and with the outline.

import type { NodeId, TypeId } from '../../bindings/graph';
import { mintId } from '../../project/ids';
import type { Action } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import { choosingActions } from './choosing';
import { clipboard } from './clipboard.svelte';
import { outlineOf } from './outline.svelte';
import { nextSibling, nudged } from './places';

export function actionsOf(project: Project): Action[] {
  return [...typing(project), ...moving(project), ...copying(project), ...choosingActions(project), ...looking(project)];
}

/** The selected nodes without those that go along with a selected ancestor. */
const chosen = (project: Project): NodeId[] => project.tree.roots(project.selection.ids);

const needsNodes = (project: Project) => () => (project.selection.ids.size > 0 ? null : 'Select an item first');

/** Opens a row beneath a node for one of its child types. */
export function addBeneath(project: Project, parent: NodeId | null, type: TypeId): void {
  project.show('outline');
  outlineOf(project).startDraft(type, { parent, at: 'last' });
}

function typing(project: Project): Action[] {
  const outline = outlineOf(project);
  const { selection } = project;
  const childTypes = () => {
    const node = selection.focus === null ? undefined : project.node(selection.focus);
    return project.definitions.allowedUnder(node?.type ?? null);
  };
  return [
    {
      id: 'node.addSibling',
      needs: 'write',
      title: 'New item below',
      group: 'Item',
      keys: ['Enter'],
      icon: 'plus',
      scope: 'outline',
      unavailable: () => (nextSibling(project, selection.focus) ? null : 'Nothing can be added here'),
      run: () => {
        const next = nextSibling(project, selection.focus);
        project.show('outline');
        if (next) outline.startDraft(next.type, next.place);
      },
    },
    {
      id: 'node.addChild',
      needs: 'write',
      title: 'New item beneath',
      group: 'Item',
      keys: ['Mod+Enter'],
      icon: 'corner-down-right',
      scope: 'outline',
      unavailable: () => (childTypes().length > 0 ? null : 'Nothing can stand beneath this type'),
      run: () => {
        const type = childTypes()[0];
        if (type) addBeneath(project, selection.focus, type.id);
      },
    },
    {
      id: 'node.rename',
      needs: 'write',
      title: 'Rename',
      group: 'Item',
      keys: ['F2'],
      icon: 'pencil',
      unavailable: () => (selection.focus === null ? 'Select an item first' : null),
      run: () => {
        const id = selection.focus;
        if (id === null) return;
        project.show('outline');
        outline.rename(id);
      },
    },
  ];
}

function moving(project: Project): Action[] {
  const nudge = (delta: 1 | -1): Action => ({
    id: delta < 0 ? 'node.moveUp' : 'node.moveDown',
    needs: 'write',
    title: delta < 0 ? 'Move up' : 'Move down',
    group: 'Item',
    keys: [delta < 0 ? 'Alt+ArrowUp' : 'Alt+ArrowDown'],
    icon: delta < 0 ? 'arrow-up' : 'arrow-down',
    scope: 'outline',
    unavailable: () => (nudged(project, chosen(project), delta) ? null : 'It cannot move further'),
    run: async () => {
      const nodes = chosen(project);
      const place = nudged(project, nodes, delta);
      if (place) await project.apply({ kind: 'moveNodes', nodes, place });
    },
  });
  const shift = (kind: 'indent' | 'outdent'): Action => ({
    id: `node.${kind}`,
    needs: 'write',
    title: kind === 'indent' ? 'Indent' : 'Outdent',
    group: 'Item',
    keys: [kind === 'indent' ? 'Tab' : 'Shift+Tab'],
    icon: kind === 'indent' ? 'indent-increase' : 'indent-decrease',
    scope: 'outline',
    unavailable: needsNodes(project),
    run: async () => {
      const nodes = chosen(project);
      const applied = await project.apply({ kind, nodes });
      const parent = nodes[0] === undefined ? null : (project.node(nodes[0])?.parent ?? null);
      if (applied && parent !== null) project.setFolded([parent], false);
    },
  });
  return [nudge(-1), nudge(1), shift('indent'), shift('outdent')];
}

function copying(project: Project): Action[] {
  const withNodes = (action: Omit<Action, 'group' | 'unavailable'>): Action => ({
    ...action,
    group: 'Item',
    unavailable: needsNodes(project),
  });
  return [
    withNodes({
      id: 'node.copy', title: 'Copy', keys: ['Mod+C'], icon: 'copy', scope: 'nodes',
      run: () => clipboard.copy(project, chosen(project), false),
    }),
    withNodes({
      id: 'node.cut', needs: 'write', title: 'Cut', keys: ['Mod+X'], icon: 'scissors', scope: 'nodes',
      run: () => clipboard.copy(project, chosen(project), true),
    }),
    {
      id: 'node.paste', needs: 'write', title: 'Paste', group: 'Item', keys: ['Mod+V'], icon: 'clipboard-paste', scope: 'nodes',
      leavesKey: true,
      unavailable: () => (clipboard.clipping ? null : 'Nothing was copied in this window. The key pastes text of other programs too'),
      run: () => clipboard.paste(project),
    },
    withNodes({
      id: 'node.duplicate', needs: 'write', title: 'Duplicate', keys: ['Mod+D'], icon: 'copy-plus', scope: 'nodes',
      run: async () => void (await project.apply({ kind: 'duplicateNodes', nodes: chosen(project), seed: mintId() })),
    }),
    withNodes({
      id: 'node.trash', needs: 'write', title: 'Move to trash', keys: ['Delete', 'Mod+Backspace'], icon: 'trash-2', scope: 'nodes',
      run: async () => void (await project.apply({ kind: 'trashNodes', nodes: chosen(project) })),
    }),
  ];
}

function looking(project: Project): Action[] {
  const outline = outlineOf(project);
  const { selection } = project;
  const find = (delta: 1 | -1) => () => {
    if (!outline.find.open) outline.find.show();
    outline.find.go(delta);
  };
  return [
    {
      id: 'select.all', title: 'Select all items', group: 'Select', keys: ['Mod+A'], scope: 'outline',
      run: () => selection.set(outline.rows.ids, selection.focus),
    },
    {
      id: 'find.open', title: 'Find in outline', group: 'Edit', keys: ['Mod+F'], icon: 'search',
      run: () => outline.find.show(),
    },
    { id: 'find.next', title: 'Find next', group: 'Edit', keys: ['F3', 'Mod+G'], run: find(1) },
    { id: 'find.previous', title: 'Find previous', group: 'Edit', keys: ['Shift+F3', 'Mod+Shift+G'], run: find(-1) },
    {
      id: 'outline.foldAll', title: 'Fold all', group: 'View', keys: ['Alt+Shift+ArrowLeft'], icon: 'chevrons-down-up',
      run: () => project.foldAll(true),
    },
    {
      id: 'outline.unfoldAll', title: 'Unfold all', group: 'View', keys: ['Alt+Shift+ArrowRight'], icon: 'chevrons-up-down',
      run: () => project.foldAll(false),
    },
    {
      id: 'outline.zoomIn', title: 'Show only this branch', group: 'View', keys: ['Alt+Enter'], icon: 'zoom-in',
      unavailable: () => (selection.focus === null ? 'Select an item first' : null),
      run: () => {
        const id = selection.focus;
        if (id === null) return;
        project.setRoot(id);
        project.show('outline');
      },
    },
    {
      id: 'outline.zoomOut', title: 'Show the whole project', group: 'View', keys: ['Alt+Backspace'], icon: 'zoom-out',
      unavailable: () => (project.root === null ? 'The whole project is shown' : null),
      run: () => project.setRoot(null),
    },
  ];
}
