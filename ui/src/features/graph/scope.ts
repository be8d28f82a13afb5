// What the canvas shows of a project: at most `limit` cards, the rest folded into counted stacks.

import type { Link, LinkKind, NodeId } from '../../bindings/graph';

/** The part of the tree that the canvas reads. */
export interface Tree {
  has(node: NodeId): boolean;
  parent(node: NodeId): NodeId | null;
  children(node: NodeId | null): readonly NodeId[];
}

export type Scope =
  { kind: 'project' } | { kind: 'subtree'; node: NodeId } | { kind: 'blockers'; node: NodeId };

export interface Stack {
  id: string;
  /** The card that the stack hangs from; null: the top of the project. */
  under: NodeId | null;
  /** How many nodes are folded into it. */
  count: number;
}

export type EdgeKind = 'parent' | LinkKind;

export interface Edge {
  id: string;
  kind: EdgeKind;
  from: string;
  to: string;
  /** The link that it stands for; several where an end is a stack. */
  links: Link[];
}

export interface Picture {
  cards: NodeId[];
  stacks: Stack[];
  edges: Edge[];
}

export const CARD_LIMIT = 500;

// Levels that the picture of a whole project shows.
const PROJECT_DEPTH = 2;

export function picture(
  scope: Scope,
  tree: Tree,
  links: readonly Link[],
  limit = CARD_LIMIT,
): Picture {
  const shown =
    scope.kind === 'blockers'
      ? blockers(scope.node, tree, links, limit)
      : scope.kind === 'subtree'
        ? subtree(
            [scope.node].filter((node) => tree.has(node)),
            null,
            tree,
            limit,
            Infinity,
          )
        : subtree(tree.children(null), null, tree, limit, PROJECT_DEPTH);
  return { ...shown, edges: [...parentEdges(shown, tree), ...linkEdges(shown, tree, links)] };
}

type Shown = Omit<Picture, 'edges'>;

/**
 * Breadth first. Every card that still has unshown children keeps room for the one stack it may need,
 * so that the limit holds for cards and stacks together.
 */
function subtree(
  roots: readonly NodeId[],
  under: NodeId | null,
  tree: Tree,
  limit: number,
  depth: number,
): Shown {
  const shown: Shown = { cards: [], stacks: [] };
  let reserved = 0;
  const needs = (node: NodeId): number => (tree.children(node).length > 0 ? 1 : 0);
  const place = (children: readonly NodeId[], parent: NodeId | null, level: number): NodeId[] => {
    let room = limit - shown.cards.length - shown.stacks.length - reserved;
    const cost = children.reduce((sum, child) => sum + 1 + needs(child), 0);
    let fits = level < depth ? children.length : 0;
    if (fits > 0 && cost > room) {
      room -= 1;
      fits = children.findIndex((child) => (room -= 1 + needs(child)) < 0);
    }
    const placed = children.slice(0, Math.max(fits, 0));
    shown.cards.push(...placed);
    reserved += placed.reduce((sum, child) => sum + needs(child), 0);
    const rest = children.slice(placed.length);
    if (rest.length > 0) {
      const count = rest.reduce((sum, child) => sum + size(child, tree), 0);
      shown.stacks.push({ id: stackId(parent), under: parent, count });
    }
    return placed;
  };
  let wave = place(roots, under, 0);
  for (let level = 1; wave.length > 0; level++) {
    wave = wave.flatMap((node) => {
      const children = tree.children(node);
      if (children.length === 0) return [];
      reserved -= 1;
      return place(children, node, level);
    });
  }
  return shown;
}

function stackId(under: NodeId | null): string {
  return `stack:${under ?? ''}`;
}

function size(root: NodeId, tree: Tree): number {
  let count = 0;
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    count++;
    open.push(...tree.children(node));
  }
  return count;
}

/** A node and everything that blocks it, nearest first. */
function blockers(node: NodeId, tree: Tree, links: readonly Link[], limit: number): Shown {
  const before = new Map<NodeId, NodeId[]>();
  for (const { relation, from, to } of links) {
    if (relation !== 'relatesTo') before.set(to, [...(before.get(to) ?? []), from]);
  }
  const reached = new Set<NodeId>(tree.has(node) ? [node] : []);
  for (const reachedNode of reached) {
    for (const blocker of before.get(reachedNode) ?? []) {
      if (tree.has(blocker)) reached.add(blocker);
    }
  }
  const all = [...reached];
  if (all.length <= limit) return { cards: all, stacks: [] };
  const cards = all.slice(0, limit - 1);
  return { cards, stacks: [{ id: stackId(null), under: null, count: all.length - cards.length }] };
}

function parentEdges({ cards, stacks }: Shown, tree: Tree): Edge[] {
  const shown = new Set(cards);
  const edge = (from: NodeId, to: string): Edge => ({
    id: `parent:${to}`,
    kind: 'parent',
    from,
    to,
    links: [],
  });
  const between = cards.flatMap((card) => {
    const parent = tree.parent(card);
    return parent !== null && shown.has(parent) ? [edge(parent, card)] : [];
  });
  const folded = stacks.flatMap(({ id, under }) => (under === null ? [] : [edge(under, id)]));
  return [...between, ...folded];
}

/** Links between what is shown; an end that is folded is drawn at its stack. */
function linkEdges({ cards, stacks }: Shown, tree: Tree, links: readonly Link[]): Edge[] {
  const shown = new Set(cards);
  const folded = new Map(stacks.map(({ id, under }) => [under, id]));
  const standIn = (node: NodeId): string | null => {
    if (shown.has(node)) return node;
    if (!tree.has(node)) return null;
    for (let at = tree.parent(node); at !== null; at = tree.parent(at)) {
      if (shown.has(at)) return folded.get(at) ?? null;
    }
    return null;
  };
  const edges = new Map<string, Edge>();
  for (const link of links) {
    const [from, to] = [standIn(link.from), standIn(link.to)];
    if (from === null || to === null || from === to) continue;
    const id = shown.has(from) && shown.has(to) ? link.id : `${link.relation}:${from}:${to}`;
    const known = edges.get(id);
    if (known) known.links.push(link);
    else edges.set(id, { id, kind: link.relation, from, to, links: [link] });
  }
  return [...edges.values()];
}

/** The words on a line that stands for links. */
export function lineText(links: readonly Link[]): string {
  const [link] = links;
  if (!link || link.relation === 'relatesTo') return '';
  if (links.length > 1) return `${links.length}`;
  const kinds = {
    finishToStart: '',
    startToStart: 'SS',
    finishToFinish: 'FF',
    startToFinish: 'SF',
  };
  const lag = link.lag === 0 ? '' : `${link.lag > 0 ? '+' : '\u2212'}${Math.abs(link.lag)} d`;
  return [kinds[link.relation], lag].filter(Boolean).join(' ');
}
