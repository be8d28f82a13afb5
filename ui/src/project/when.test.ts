import { expect, it } from 'vitest';
import { ago } from './when';

const english = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const now = Date.UTC(2026, 10, 23, 12);
const before = (ms: number): string => ago(now - ms, now, english);

it('speaks of the recent past', () => {
  expect(before(5_000)).toBe('just now');
  expect(before(3 * 60_000)).toBe('3 minutes ago');
  expect(before(5 * 3_600_000)).toBe('5 hours ago');
  expect(before(30 * 3_600_000)).toBe('yesterday');
  expect(before(30 * 86_400_000)).toContain('2026');
});

it('calls a clock that runs ahead just now', () => {
  expect(before(-60_000)).toBe('just now');
});
