// What one can do about the graph from any view.

import type { NodeId } from '../../bindings/graph';
import type { Action } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import type { Scope } from './scope';

export function actionsOf(project: Project): Action[] {
  const unavailable = (): string | null =>
    project.selection.focus === null ? 'Select an item first' : null;
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

/** What one can do while the canvas has the keyboard. */
export function canvasActions(canvas: {
  zoom: (inwards: boolean) => void;
  fit: () => void;
  up: () => void;
}): Action[] {
  const base = { group: 'View', scope: 'graph' } as const;
  const { zoom, fit, up } = canvas;
  return [
    {
      ...base,
      id: 'graph.zoomIn',
      title: 'Zoom in',
      keys: ['+', '='],
      icon: 'zoom-in',
      run: () => zoom(true),
    },
    {
      ...base,
      id: 'graph.zoomOut',
      title: 'Zoom out',
      keys: ['-'],
      icon: 'zoom-out',
      run: () => zoom(false),
    },
    { ...base, id: 'graph.fit', title: 'Fit the graph', keys: ['0'], icon: 'maximize', run: fit },
    {
      ...base,
      id: 'graph.up',
      title: 'Graph one level up',
      keys: ['U', 'Backspace'],
      icon: 'corner-left-up',
      run: up,
    },
  ];
}
