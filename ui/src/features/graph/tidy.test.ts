import { expect, it } from 'vitest';
import { CARD } from './card';
import { picture, type Tree } from './scope';
import { arrangeTree } from './tidy';

function tree(count: number, fanOut: number): Tree {
  const parent = (node: string): string | null =>
    node === 'n0' ? null : `n${Math.floor((Number(node.slice(1)) - 1) / fanOut)}`;
  const has = (node: string): boolean => Number(node.slice(1)) < count;
  return {
    has,
    parent,
    children: (node) => {
      if (node === null) return ['n0'];
      const first = Number(node.slice(1)) * fanOut + 1;
      return Array.from({ length: fanOut }, (_, index) => `n${first + index}`).filter(has);
    },
  };
}

it.each([
  [1, 3],
  [40, 3],
  [900, 7],
  [300, 60],
  [200, 1],
])('stacks no card on another (%d nodes, %d to a parent)', (count, fanOut) => {
  const shown = picture({ kind: 'subtree', node: 'n0' }, tree(count, fanOut), []);
  const at = Object.values(arrangeTree(shown));
  expect(at).toHaveLength(shown.cards.length + shown.stacks.length);
  const taken = new Set<string>();
  for (const { x, y } of at) {
    const crowded = at.filter(
      (other) => Math.abs(other.x - x) < CARD.width && Math.abs(other.y - y) < CARD.height,
    );
    expect(crowded).toHaveLength(1);
    taken.add(`${x} ${y}`);
  }
  expect(taken.size).toBe(at.length);
});

it('keeps siblings in order and parents to the left', () => {
  const shown = picture({ kind: 'subtree', node: 'n0' }, tree(40, 3), []);
  const at = arrangeTree(shown);
  for (const { from, to } of shown.edges) expect(at[from]?.x).toBeLessThan(at[to]?.x ?? 0);
  const heights = ['n1', 'n2', 'n3'].map((id) => at[id]?.y ?? 0);
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
});
