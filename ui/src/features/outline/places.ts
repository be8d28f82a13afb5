// Where new, pasted and moved nodes go, seen from the focused node.

import type { NodeId, TypeId } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import type { Place } from './rows';

const typeOf = (project: Project, id: NodeId | null): TypeId | null =>
  id === null ? null : (project.node(id)?.type ?? null);

/** Beside a node when its parent takes all the types, else into it, else nowhere. */
export function placeFor(project: Project, types: readonly TypeId[], focus: NodeId | null): Place | null {
  const takes = (parent: NodeId | null) =>
    types.every((type) => project.definitions.allows(typeOf(project, parent), type));
  const node = focus === null ? undefined : project.node(focus);
  if (!node) return takes(project.root) ? { parent: project.root, at: 'last' } : null;
  const isRoot = focus === project.root;
  if (!isRoot && takes(node.parent)) return { parent: node.parent, at: { after: node.id } };
  return takes(node.id) ? { parent: node.id, at: 'last' } : null;
}

/** Where something without types yet might go: beside a node, then beneath it. */
export function placesFor(project: Project, focus: NodeId | null): Place[] {
  const node = focus === null ? undefined : project.node(focus);
  if (!node) return [{ parent: project.root, at: 'last' }];
  const beneath: Place = { parent: node.id, at: 'last' };
  return focus === project.root ? [beneath] : [{ parent: node.parent, at: { after: node.id } }, beneath];
}

/** Type and place of a new sibling: the same type as the focused node, or the first that is allowed. */
export function nextSibling(project: Project, focus: NodeId | null): { type: TypeId; place: Place } | null {
  const node = focus === null ? undefined : project.node(focus);
  const parent = node ? node.parent : project.root;
  const parentType = typeOf(project, parent);
  const same = node && project.definitions.allows(parentType, node.type) ? node.type : undefined;
  const type = same ?? project.definitions.allowedUnder(parentType)[0]?.id;
  if (type === undefined) return null;
  return { type, place: { parent, at: node ? { after: node.id } : 'last' } };
}

/** Where the nodes go when moved up or down among their siblings; null: they cannot. */
export function nudged(project: Project, nodes: readonly NodeId[], delta: 1 | -1): Place | null {
  const first = nodes[0] === undefined ? undefined : project.node(nodes[0]);
  if (!first || nodes.some((id) => project.node(id)?.parent !== first.parent)) return null;
  const siblings = project.children(first.parent);
  const edge = delta < 0 ? siblings.indexOf(first.id) : siblings.indexOf(nodes[nodes.length - 1] ?? '');
  const neighbour = siblings[edge + delta];
  if (neighbour === undefined) return null;
  return { parent: first.parent, at: delta < 0 ? { before: neighbour } : { after: neighbour } };
}
