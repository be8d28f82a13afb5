import { describe, expect, it } from 'vitest';
import type { Link } from '../../bindings/graph';
import { lineText, picture, type Tree } from './scope';

/** A tree from `child: parent` pairs, in order. */
function tree(parents: Record<string, string | null>): Tree {
  const children = new Map<string | null, string[]>();
  for (const [node, parent] of Object.entries(parents)) {
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  return {
    has: (node) => node in parents,
    parent: (node) => parents[node] ?? null,
    children: (node) => children.get(node) ?? [],
  };
}

function link(from: string, to: string, relation: Link['relation'] = 'finishToStart'): Link {
  return { id: `${from}>${to}`, relation, from, to, lag: 0 };
}

const garden = tree({ a: null, b: 'a', c: 'a', d: 'b', e: 'd', f: null });

describe('picture', () => {
  it('shows a subtree with its edges', () => {
    const { cards, stacks, edges } = picture({ kind: 'subtree', node: 'a' }, garden, [
      link('b', 'c'),
      link('f', 'c'),
    ]);
    expect(cards).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(stacks).toEqual([]);
    expect(edges.map(({ kind, from, to }) => `${from} ${kind} ${to}`)).toEqual([
      'a parent b',
      'a parent c',
      'b parent d',
      'd parent e',
      'b finishToStart c',
    ]);
  });

  it('folds deep levels of a whole project', () => {
    const { cards, stacks } = picture({ kind: 'project' }, garden, []);
    expect(cards).toEqual(['a', 'f', 'b', 'c']);
    expect(stacks).toEqual([{ id: 'stack:b', under: 'b', count: 2 }]);
  });

  it('follows blockers of blockers, and ends in a circle', () => {
    const links = [link('b', 'c'), link('f', 'b'), link('c', 'f'), link('d', 'c', 'relatesTo')];
    const { cards, edges } = picture({ kind: 'blockers', node: 'c' }, garden, links);
    expect(cards).toEqual(['c', 'b', 'f']);
    expect(edges.filter(({ kind }) => kind === 'finishToStart')).toHaveLength(3);
  });

  it('draws a folded end at its stack, once', () => {
    const wide = tree({ top: null, ...children('top', 10), other: null });
    const { stacks, edges } = picture(
      { kind: 'project' },
      wide,
      [link('top8', 'other'), link('top9', 'other')],
      6,
    );
    expect(stacks).toEqual([{ id: 'stack:top', under: 'top', count: 7 }]);
    const drawn = edges.filter(({ kind }) => kind !== 'parent');
    expect(drawn.map(({ from, to, links }) => [from, to, links.length])).toEqual([
      ['stack:top', 'other', 2],
    ]);
  });

  it('never shows more than the limit and counts everything', () => {
    const parents: Record<string, string | null> = {};
    for (let index = 0; index < 3000; index++) {
      parents[`n${index}`] = index === 0 ? null : `n${Math.floor((index - 1) / 7)}`;
    }
    for (const limit of [1, 2, 8, 50, 500]) {
      const { cards, stacks } = picture({ kind: 'subtree', node: 'n0' }, tree(parents), [], limit);
      expect(cards.length + stacks.length).toBeLessThanOrEqual(Math.max(limit, 1));
      const folded = stacks.reduce((sum, { count }) => sum + count, 0);
      expect(cards.length + folded).toBe(3000);
    }
  });

  it('is empty where its node is gone', () => {
    expect(picture({ kind: 'subtree', node: 'gone' }, garden, []).cards).toEqual([]);
    expect(picture({ kind: 'blockers', node: 'gone' }, garden, []).cards).toEqual([]);
  });
});

function children(parent: string, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`${parent}${at}`, parent]));
}

it('writes on a line what is not the usual', () => {
  const usual = link('a', 'b');
  expect(lineText([usual])).toBe('');
  expect(lineText([{ ...usual, lag: 2 }])).toBe('+2 d');
  expect(lineText([{ ...usual, relation: 'startToStart', lag: -1 }])).toBe('SS \u22121 d');
  expect(lineText([{ ...usual, relation: 'relatesTo' }])).toBe('');
  expect(lineText([usual, usual])).toBe('2');
  expect(lineText([])).toBe('');
});
