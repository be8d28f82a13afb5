import { expect, it } from 'vitest';

import { codeOf, inTwo, leftPart, leftTime } from './code';

it.each([['492817', '492817'], ['492 817', '492817'], [' 492-817 ', '492817'], ['49281', null], ['4928170', null], ['49281a', null], ['', null]])(
  'reads %j',
  (typed, code) => expect(codeOf(typed)).toBe(code),
);

it('shows a code as it is read aloud, and the time that it has left', () => {
  expect(inTwo('492817')).toBe('492 817');
  expect(leftTime(120_000, 0)).toBe('2:00');
  expect(leftTime(9_100, 0)).toBe('0:10');
  expect(leftTime(0, 5)).toBe('0:00');
  expect([leftPart(120_000, 0), leftPart(60_000, 0), leftPart(0, 1)]).toEqual([1, 0.5, 0]);
});
