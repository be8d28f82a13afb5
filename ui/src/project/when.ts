// Moments as people speak of them: `3 minutes ago`, `yesterday`, then the date.

import type { Timestamp } from '../bindings/graph';
import { showMoment } from './values';

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function ago(at: Timestamp, now = Date.now(), format = relative): string {
  const past = Math.max(0, now - at);
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return format.format(-Math.floor(past / MINUTE), 'minute');
  if (past < DAY) return format.format(-Math.floor(past / HOUR), 'hour');
  if (past < 7 * DAY) return format.format(-Math.floor(past / DAY), 'day');
  return showMoment(at);
}
