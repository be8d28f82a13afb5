// The month grid of the date popup.

import { Temporal } from 'temporal-polyfill';

/** Six weeks that show a month, each beginning on `firstWeekday` (1 Monday to 7 Sunday). */
export function monthGrid(
  month: Temporal.PlainYearMonth,
  firstWeekday: number,
): Temporal.PlainDate[][] {
  const first = month.toPlainDate({ day: 1 });
  const start = first.subtract({ days: (first.dayOfWeek - firstWeekday + 7) % 7 });
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => start.add({ days: week * 7 + day })),
  );
}

/** Names of the weekdays in the order of the grid. */
export function weekdayNames(
  firstWeekday: number,
  locale: string,
  width: 'short' | 'long',
): string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: width, timeZone: 'UTC' });
  // 5 January 1970 was a Monday.
  return Array.from({ length: 7 }, (_, day) =>
    format.format(Date.UTC(1970, 0, 4 + firstWeekday + day)),
  );
}

/** Where a key leads from a day of the grid; null: the key is not for the grid. */
export function stepDay(
  date: Temporal.PlainDate,
  key: string,
  firstWeekday: number,
): Temporal.PlainDate | null {
  const inWeek = (date.dayOfWeek - firstWeekday + 7) % 7;
  switch (key) {
    case 'ArrowLeft':
      return date.subtract({ days: 1 });
    case 'ArrowRight':
      return date.add({ days: 1 });
    case 'ArrowUp':
      return date.subtract({ weeks: 1 });
    case 'ArrowDown':
      return date.add({ weeks: 1 });
    case 'PageUp':
      return date.subtract({ months: 1 });
    case 'PageDown':
      return date.add({ months: 1 });
    case 'Home':
      return date.subtract({ days: inWeek });
    case 'End':
      return date.add({ days: 6 - inWeek });
    default:
      return null;
  }
}
