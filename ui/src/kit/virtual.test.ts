import { expect, it } from 'vitest';

import { rowsInView, scrollFor } from './virtual';

it('draws what is in view and some beyond, however long the list is', () => {
  for (const scrollTop of [0, 13, 2_800, 1_234_567, 2_799_200]) {
    const { first, end } = rowsInView(scrollTop, 800, 28, 100_000);
    expect(first * 28).toBeLessThanOrEqual(scrollTop);
    expect(Math.min(end, 100_000) * 28).toBeGreaterThanOrEqual(Math.min(scrollTop + 800, 2_800_000));
    expect(end - first).toBeLessThan(200);
  }
});

it('draws nothing of an empty list', () => {
  expect(rowsInView(0, 800, 28, 0)).toEqual({ first: 0, end: 0 });
});

it('survives a list that has become shorter than the scroll position', () => {
  const { first, end } = rowsInView(90_000, 800, 28, 10);
  expect([first, end]).toEqual([10, 10]);
});

it('scrolls no further than it must', () => {
  expect(scrollFor(5, 0, 280, 28)).toBeNull();
  expect(scrollFor(10, 0, 280, 28)).toBe(28);
  expect(scrollFor(1, 280, 280, 28)).toBe(28);
});
