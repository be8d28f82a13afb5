import { expect, it } from 'vitest';
import { parseLag, showLag } from './link-kinds';

it.each([
  ['', 0],
  ['2', 2],
  ['+3 d', 3],
  ['-1 day', -1],
  ['\u22122 d', -2],
  ['-0', 0],
])('reads %j', (typed, lag) => expect(parseLag(typed)).toBe(lag));

it.each(['soon', '1.5', '12345', '--2'])('refuses %j', (typed) =>
  expect(parseLag(typed)).toBeNull(),
);

it('shows what it reads', () => {
  for (const lag of [-30, -1, 0, 1, 250]) expect(parseLag(showLag(lag))).toBe(lag);
});
