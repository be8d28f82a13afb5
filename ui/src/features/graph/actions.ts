// What one can do about the graph from any view.

import type { NodeId } from '../../bindings/graph';
import type { Action } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import type { Scope } from './scope';

export function actionsOf(project: Project): Action[] {
  const unavailable = (): string | null =>
    project.selection.focus === null ? 'Select a node first' : null;
  const show = (scope: (node: NodeId) => Scope) => (): void => {
    const focus = project.selection.focus;
    if (focus === null) return;
    project.layout.put('graph.scope', scope(focus));
    project.show('graph');
  };
  return [
    {
      id: 'graph.subtree',
      title: 'Show subtree in graph',
      group: 'Go to',
      icon: 'waypoints',
      unavailable,
      run: show((node) => ({ kind: 'subtree', node })),
    },
    {
      id: 'graph.blockers',
      title: 'Show blockers in graph',
      group: 'Go to',
      icon: 'octagon-x',
      unavailable,
      run: show((node) => ({ kind: 'blockers', node })),
    },
  ];
}
