// Where the cards stand: a layered drawing, from left to right. Parents and blockers stand before
// what they lead to.

import { Graph, layout } from '@dagrejs/dagre';
import type { Picture } from './scope';

export const CARD = { width: 160, height: 40 };

export interface Point {
  x: number;
  y: number;
}

/** Top left corners by card and stack. */
export type Positions = Record<string, Point>;

export function arrange({ cards, stacks, edges }: Picture): Positions {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 56, edgesep: 8, marginx: 16, marginy: 16 });
  const ids = [...cards, ...stacks.map(({ id }) => id)];
  for (const id of ids) graph.setNode(id, { ...CARD });
  for (const { id, kind, from, to } of edges) {
    if (kind === 'relatesTo') continue;
    graph.setEdge(from, to, { weight: kind === 'parent' ? 3 : 1 }, id);
  }
  layout(graph);
  const positions = Object.fromEntries(
    ids.map((id) => {
      const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
      return [id, { x: x - CARD.width / 2, y: y - CARD.height / 2 }];
    }),
  );
  return upright(cards, positions);
}

/** Mirrors a drawing that puts most neighbours of a column in the opposite of their order. */
function upright(cards: readonly string[], positions: Positions): Positions {
  const points = cards.flatMap((id) => positions[id] ?? []);
  let right = 0;
  points.forEach((point, index) => {
    const before = points[index - 1];
    if (before && Math.abs(before.x - point.x) < 1) right += Math.sign(point.y - before.y);
  });
  if (right >= 0) return positions;
  const bottom = Math.max(0, ...Object.values(positions).map(({ y }) => y));
  const mirrored = Object.entries(positions).map(([id, { x, y }]) => [id, { x, y: bottom - y }]);
  return Object.fromEntries(mirrored) as Positions;
}
