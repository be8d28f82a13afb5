import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { firstDay, totalHours, weekOf, withCell } from './hours';

const hours = { ana: { '2026-11-23': '4', '2026-11-24': '2.5' }, bo: { '2026-11-20': '0.25' } };
const monday = Temporal.PlainDate.from('2026-11-23');

it('sets and empties cells', () => {
  expect(withCell({}, 'ana', '2026-11-23', '8')).toEqual({ ana: { '2026-11-23': '8' } });
  expect(withCell(hours, 'bo', '2026-11-20', null)).toEqual({ ana: hours.ana });
  expect(withCell(hours, 'cy', '2026-11-20', null)).toEqual(hours);
});

it('adds up exactly', () => {
  expect(totalHours(hours)).toBe('6.75');
  expect(totalHours(hours, 'ana')).toBe('6.5');
  expect(totalHours(hours, 'cy')).toBe('0');
});

it('begins with the week of the first hours', () => {
  expect(firstDay(hours, monday).toString()).toBe('2026-11-20');
  expect(firstDay({}, monday)).toBe(monday);
  expect(weekOf(monday, 7)[0]?.toString()).toBe('2026-11-22');
  expect(weekOf(monday, 1)[6]?.toString()).toBe('2026-11-29');
});
