import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { parseDate } from './date';

// A Monday.
const today = Temporal.PlainDate.from('2026-11-23');
const parse = (text: string, locale = 'en-US'): string | null =>
  parseDate(text, { today, locale })?.toString() ?? null;

describe('parseDate', () => {
  it.each([
    ['2026-03-12', '2026-03-12'],
    ['Today', '2026-11-23'],
    ['tomorrow', '2026-11-24'],
    ['+3d', '2026-11-26'],
    ['-2w', '2026-11-09'],
    ['in 2 weeks', '2026-12-07'],
    ['+1m', '2026-12-23'],
    ['1y', '2027-11-23'],
    ['fri', '2026-11-27'],
    ['monday', '2026-11-30'],
    ['12 mar', '2027-03-12'],
    ['Mar 12', '2027-03-12'],
    ['12 march 2025', '2025-03-12'],
    ['march 12th, 2025', '2025-03-12'],
    ['12 mar 27', '2027-03-12'],
    ['3 aug', '2026-08-03'],
    ['12.3.', '2027-03-12'],
    ['3/12', '2027-03-12'],
    ['12/31/26', '2026-12-31'],
    ['31/12/2026', '2026-12-31'],
    ['25', '2026-11-25'],
    ['5', '2026-12-05'],
    ['eom', '2026-11-30'],
  ])('reads %s as %s', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  it("reads the locale's own words and order", () => {
    expect(parse('morgen', 'de-DE')).toBe('2026-11-24');
    expect(parse('3 März 2027', 'de-DE')).toBe('2027-03-03');
    expect(parse('12. Dez.', 'de-DE')).toBe('2026-12-12');
    expect(parse('3/12', 'en-GB')).toBe('2026-12-03');
    expect(parse('12 mars', 'fr-FR')).toBe('2027-03-12');
  });

  it.each(['', 'soon', '32 mar', '2026-02-30', '99999999d', '12 foo', '123', '+5'])(
    'refuses %s',
    (text) => {
      expect(parse(text)).toBeNull();
    },
  );
});
