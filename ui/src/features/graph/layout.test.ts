import { expect, it } from 'vitest';
import { CARD } from './card';
import { arrange, crossings } from './layout';
import type { Edge, Picture } from './scope';

function edge(kind: Edge['kind'], from: string, to: string): Edge {
  return { id: `${kind}:${from}:${to}`, kind, from, to, links: [] };
}

it('puts parents and blockers to the left, and no two cards on each other', () => {
  const shown: Picture = {
    cards: ['a', 'b', 'c', 'd', 'lone'],
    stacks: [{ id: 'stack:b', under: 'b', count: 9 }],
    edges: [
      edge('parent', 'a', 'b'),
      edge('parent', 'a', 'c'),
      edge('parent', 'b', 'stack:b'),
      edge('finishToStart', 'b', 'd'),
      edge('relatesTo', 'd', 'a'),
    ],
  };
  const at = arrange(shown);
  for (const { kind, from, to } of shown.edges) {
    if (kind !== 'relatesTo') expect(at[from]?.x).toBeLessThan(at[to]?.x ?? 0);
  }
  const points = Object.values(at);
  expect(points).toHaveLength(6);
  points.forEach((one, index) =>
    points.slice(index + 1).forEach((two) => {
      const apart = Math.abs(one.x - two.x) >= CARD.width || Math.abs(one.y - two.y) >= CARD.height;
      expect(apart).toBe(true);
    }),
  );
});

it('survives a circle', () => {
  const circle = [edge('finishToStart', 'a', 'b'), edge('finishToStart', 'b', 'a')];
  expect(Object.keys(arrange({ cards: ['a', 'b'], stacks: [], edges: circle }))).toEqual([
    'a',
    'b',
  ]);
});

it('keeps the order of the outline from top to bottom', () => {
  const cards = ['root', ...Array.from({ length: 9 }, (_, index) => `child${index}`)];
  const edges = cards.slice(1).map((child) => edge('parent', 'root', child));
  const at = arrange({ cards, stacks: [], edges });
  const heights = cards.slice(1).map((child) => at[child]?.y ?? 0);
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
});

it('does not draw in layers what would take for ever', () => {
  const cards = ['root', ...Array.from({ length: 100 }, (_, index) => `child${index}`)];
  const chain = cards.slice(2).map((child, index) => edge('finishToStart', `child${index}`, child));
  const edges = [...cards.slice(1).map((child) => edge('parent', 'root', child)), ...chain];
  expect(crossings({ cards, stacks: [], edges: chain })).toBe(0);
  expect(crossings({ cards, stacks: [], edges })).toBe((99 * 100) / 2);
  const at = arrange({ cards, stacks: [], edges });
  expect(Math.max(...Object.values(at).map(({ x }) => x))).toBeLessThan(3000);
});
