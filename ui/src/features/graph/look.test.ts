import { expect, it } from 'vitest';

import type { Positions } from './card';
import { firstLook, type Look } from './look';

const SIZE = { width: 848, height: 688 };
const column = (count: number): Positions =>
  Object.fromEntries(Array.from({ length: count }, (_, row) => [`n${row}`, { x: 0, y: row * 56 }]));
/** Where a point of the drawing is in the canvas. */
const seen = ({ x, y, zoom }: Look, at: { x: number; y: number }) => ({ x: x + at.x * zoom, y: y + at.y * zoom });

it('shows all in the middle, and nothing larger than it is', () => {
  const look = firstLook({ a: { x: 0, y: 0 }, b: { x: 216, y: 0 } }, undefined, SIZE);
  expect(look).toMatchObject({ zoom: 1, isWhole: true });
  expect(seen(look, { x: 188, y: 20 })).toEqual({ x: 424, y: 24 + 300 });
});

it('shows all as small as it can be read, and not smaller', () => {
  expect(firstLook(column(20), undefined, SIZE).zoom).toBeCloseTo(600 / (19 * 56 + 40));
  expect(firstLook(column(200), undefined, SIZE)).toMatchObject({ zoom: 0.8, isWhole: false });
});

it('begins at the top left where nothing is selected', () => {
  const wide: Positions = { ...column(200), far: { x: 5000, y: 0 } };
  expect(seen(firstLook(wide, 'n0', SIZE), { x: 0, y: 0 })).toEqual({ x: 24, y: 24 });
});

it('brings what is selected to the middle, and what is at the end to the end', () => {
  const middle = firstLook(column(200), 'n100', SIZE);
  expect(seen(middle, { x: 80, y: 5620 })).toEqual({ x: 424, y: 24 + 300 });
  const end = firstLook(column(200), 'n199', SIZE);
  expect(seen(end, { x: 0, y: 199 * 56 + 40 }).y).toBeCloseTo(624);
});

it('looks at the first card instead of one that is not drawn', () => {
  expect(firstLook(column(200), 'gone', SIZE)).toEqual(firstLook(column(200), 'n0', SIZE));
});
