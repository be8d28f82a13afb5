import { expect, it } from 'vitest';

import { fittingColumns, moved, resized, TITLE_WIDTH } from './columns';

const columns = ['a', 'b', 'c'].map((field) => ({ field, width: 100 }));

it('moves a column, and not beyond the ends', () => {
  expect(moved(columns, 'b', -1).map(({ field }) => field)).toEqual(['b', 'a', 'c']);
  expect(moved(columns, 'c', 1).map(({ field }) => field)).toEqual(['a', 'b', 'c']);
});

it('keeps widths within reason', () => {
  expect(resized(columns, 'a', 3)[0]?.width).toBe(48);
  expect(resized(columns, 'a', 9999)[0]?.width).toBe(480);
});

it('leaves out the columns that would squeeze the titles', () => {
  expect(fittingColumns(columns, TITLE_WIDTH + 299).map(({ field }) => field)).toEqual(['a', 'b']);
  expect(fittingColumns(columns, 200)).toEqual([]);
  expect(fittingColumns(columns, 2_000)).toEqual(columns);
});
