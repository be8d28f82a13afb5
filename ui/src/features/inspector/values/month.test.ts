import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { monthGrid, stepDay, weekdayNames } from './month';

const november = Temporal.PlainYearMonth.from('2026-11');

it('begins each week on the first weekday and holds the whole month', () => {
  for (const first of [1, 6, 7]) {
    const grid = monthGrid(november, first);
    expect(grid).toHaveLength(6);
    expect(grid.every((week) => week.length === 7 && week[0]?.dayOfWeek === first)).toBe(true);
    expect(grid.flat().filter((day) => day.month === 11)).toHaveLength(30);
  }
});

it('names weekdays in the order of the grid', () => {
  expect(weekdayNames(7, 'en-GB', 'short')).toEqual([
    'Sun',
    'Mon',
    'Tue',
    'Wed',
    'Thu',
    'Fri',
    'Sat',
  ]);
});

it('moves by keys within and across weeks', () => {
  const day = Temporal.PlainDate.from('2026-11-25');
  expect(stepDay(day, 'Home', 1)?.toString()).toBe('2026-11-23');
  expect(stepDay(day, 'End', 7)?.toString()).toBe('2026-11-28');
  expect(stepDay(day, 'PageDown', 1)?.toString()).toBe('2026-12-25');
  expect(stepDay(day, 'a', 1)).toBeNull();
});
