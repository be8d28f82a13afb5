// Nodes as something to choose from.

import type { NodeId } from '../bindings/graph';
import type { Choice } from './actions.svelte';
import type { Project } from './project.svelte';

/** What a node stands beneath tells it from others of its name; the beginning of every path is the same. */
const NEAREST = 2;

/** The names of the nearest nodes above. */
export function whereabouts(project: Project, node: NodeId): string {
  const above = project.tree.ancestors(node).slice(-NEAREST);
  return above.map((id) => project.title(id)).join(' › ');
}

export function nodeChoices(
  project: Project,
  nodes: Iterable<NodeId>,
  run: (node: NodeId) => unknown,
): Choice[] {
  return Array.from(nodes, (node) => ({
    key: node,
    title: project.title(node),
    type: project.type(node),
    place: () => whereabouts(project, node),
    run: () => run(node),
  }));
}
