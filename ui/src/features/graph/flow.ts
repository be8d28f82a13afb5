// The picture in the canvas library's terms.

import { MarkerType, type Edge, type Node } from '@xyflow/svelte';
import type { Canvas } from './canvas.svelte';
import { CARD } from './card';
import { lineText } from './scope';

/**
 * Cards and stacks where they stand. Whatever changes while one only looks is not in it: the library puts all cards into the
 * document anew for another list, and what has the keyboard would lose it.
 */
export function flowNodes(canvas: Canvas): Node[] {
  const { cards, stacks } = canvas.drawn ?? { cards: [], stacks: [] };
  const { nodes } = canvas.project.tree;
  const base = (id: string) => ({
    id,
    position: canvas.positions[id] ?? { x: 0, y: 0 },
    ...CARD,
  });
  return [
    ...cards
      .filter((id) => nodes.has(id))
      .map((id) => ({ ...base(id), type: 'card', data: { node: id, canvas } })),
    ...stacks.map(({ id, count, under }) => ({
      ...base(id),
      type: 'stack',
      data: {
        count,
        open: under === null ? null : () => canvas.open({ kind: 'subtree', node: under }),
      },
    })),
  ];
}

/** Lines between them; those of links carry their links. */
export function flowEdges(canvas: Canvas): Edge[] {
  return (canvas.drawn?.edges ?? []).map(({ id, kind, from, to, links }) => {
    const blocking = kind !== 'parent' && kind !== 'relatesTo';
    const text = lineText(links);
    const arrow = {
      type: MarkerType.ArrowClosed,
      color: 'var(--accent)',
      width: 14,
      height: 14,
    };
    return {
      id,
      source: from,
      target: to,
      class: blocking ? 'blocks' : kind === 'parent' ? 'parent' : 'relates',
      data: { links },
      zIndex: blocking ? 1 : 0,
      ...(text ? { label: text } : {}),
      ...(blocking ? { markerEnd: arrow } : {}),
    };
  });
}
