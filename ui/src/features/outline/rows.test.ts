import { describe, expect, it } from 'vitest';

import { open, rowsOf, treeOf } from './fixture';
import { endOfSubtree, parentIndex, spotOf, visibleRows, withRow } from './rows';

const tree = treeOf(`
phase A
  job B
    task C
    task D
  job E
phase F`);

describe('visibleRows', () => {
  it('lists rows with level and position', () => {
    const rows = visibleRows(tree, open, null);
    expect(rows.ids).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
    expect(rows.levels).toEqual([1, 2, 3, 3, 2, 1]);
    expect(rows.positions).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('leaves out what is folded', () => {
    expect(rowsOf(tree, ['B']).ids).toEqual(['A', 'B', 'E', 'F']);
    expect(rowsOf(tree, ['A']).ids).toEqual(['A', 'F']);
  });

  it('starts at a branch', () => {
    const rows = visibleRows(tree, open, 'B');
    expect(rows.ids).toEqual(['C', 'D']);
    expect(rows.levels).toEqual([1, 1]);
  });

  it('flattens 100,000 rows and stays in order', () => {
    const big = treeOf(`phase P\n${Array.from({ length: 100_000 }, (_, at) => `  job J${at}`).join('\n')}`);
    const rows = visibleRows(big, open, null);
    expect(rows.ids.length).toBe(100_001);
    expect(rows.positions.at(-1)).toBe(100_000);
  });
});

it('finds ends and parents of subtrees', () => {
  const rows = rowsOf(tree);
  expect(endOfSubtree(rows, 0)).toBe(5);
  expect(endOfSubtree(rows, 1)).toBe(4);
  expect(parentIndex(rows, 3)).toBe(1);
  expect(parentIndex(rows, 5)).toBe(-1);
});

it('puts a row where its place is', () => {
  const rows = rowsOf(tree);
  expect(spotOf(rows, { parent: 'A', at: { after: 'B' } })).toEqual({ index: 4, level: 2 });
  expect(spotOf(rows, { parent: 'B', at: 'first' })).toEqual({ index: 2, level: 3 });
  expect(spotOf(rows, { parent: 'A', at: 'last' })).toEqual({ index: 5, level: 2 });
  expect(spotOf(rows, { parent: 'A', at: { before: 'E' } })).toEqual({ index: 4, level: 2 });
  expect(spotOf(rows, { parent: null, at: 'last' })).toEqual({ index: 6, level: 1 });
  expect(withRow(rows, 4, 'new', 2).ids).toEqual(['A', 'B', 'C', 'D', 'new', 'E', 'F']);
});
