// Where the cards stand: from left to right in layers, parents and blockers before what they lead to.

import { Graph, layout } from '@dagrejs/dagre';
import { CARD, GAP, type Point, type Positions } from './card';
import type { Picture } from './scope';
import { arrangeTree } from './tidy';

/**
 * Beyond these the layered drawing is not computed: lines that pass many layers cost time by the
 * square, and nobody follows them. The tree alone is drawn then, and links lie over it.
 */
const MAX_LAYERED = { cards: 160, crossings: 600 };

/** Where everything stands that a picture shows. */
export function arrange(shown: Picture): Positions {
  const cards = shown.cards.length + shown.stacks.length;
  const layered = cards <= MAX_LAYERED.cards && crossings(shown) <= MAX_LAYERED.crossings;
  return layered || !shown.edges.some(({ kind }) => kind === 'parent')
    ? arrangeLayers(shown)
    : arrangeTree(shown);
}

/** How many layers lines pass without ending there, when everything stands as far left as it can. */
export function crossings({ cards, stacks, edges }: Picture): number {
  const lines = edges.filter(({ kind }) => kind !== 'relatesTo');
  const layer = new Map([...cards, ...stacks.map(({ id }) => id)].map((id) => [id, 0]));
  const waiting = new Map<string, number>();
  const onwards = new Map<string, string[]>();
  for (const { from, to } of lines) {
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    onwards.set(from, [...(onwards.get(from) ?? []), to]);
  }
  const ready = [...layer.keys()].filter((id) => !waiting.has(id));
  // What stands in a circle is never ready and stays where it is.
  for (const id of ready) {
    for (const to of onwards.get(id) ?? []) {
      layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(id) ?? 0) + 1));
      const left = (waiting.get(to) ?? 1) - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const passed = ({ from, to }: { from: string; to: string }): number =>
    Math.max(0, (layer.get(to) ?? 0) - (layer.get(from) ?? 0) - 1);
  return lines.reduce((sum, line) => sum + passed(line), 0);
}

function arrangeLayers({ cards, stacks, edges }: Picture): Positions {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'LR',
    nodesep: GAP.row,
    ranksep: GAP.layer,
    edgesep: 8,
    marginx: 16,
    marginy: 16,
  });
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
