import { expect, it } from 'vitest';

import { fittingColumns, moved, resized, titleRoom } from './columns';

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
  expect(fittingColumns(columns, 500).map(({ field }) => field)).toEqual(['a', 'b']);
  expect(fittingColumns(columns, 200)).toEqual([]);
  expect(fittingColumns(columns, 2_000)).toEqual(columns);
});

it.each([300, 700, 840, 1_020, 1_400, 2_400])('leaves titles room to be read in an outline of %d pixels', (width) => {
  const taken = fittingColumns(columns, width).reduce((sum, column) => sum + column.width, 0);
  expect(width - taken).toBeGreaterThanOrEqual(Math.min(width, titleRoom(width)));
  expect(titleRoom(width)).toBeGreaterThanOrEqual(280);
});
