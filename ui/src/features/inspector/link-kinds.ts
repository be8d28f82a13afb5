// Blocking links in words.

import type { LinkKind } from '../../bindings/graph';

export type BlockingKind = Exclude<LinkKind, 'relatesTo'>;

export const BLOCKING: Record<BlockingKind, { short: string; long: string }> = {
  finishToStart: { short: 'FS', long: 'Finish to start: begins after the other is finished' },
  startToStart: { short: 'SS', long: 'Start to start: begins after the other has begun' },
  finishToFinish: { short: 'FF', long: 'Finish to finish: ends after the other is finished' },
  startToFinish: { short: 'SF', long: 'Start to finish: ends after the other has begun' },
};

/** Delay in working days, `+2 d`; nothing for none. */
export function showLag(lag: number): string {
  return lag === 0 ? '' : `${lag > 0 ? '+' : '\u2212'}${Math.abs(lag)} d`;
}

/** Typed working days, negative for an overlap; null: not a whole number. */
export function parseLag(typed: string): number | null {
  const match = /^([+\-\u2212]?)\s*(\d{1,4})\s*(d|days?)?$/i.exec(typed.trim() || '0');
  if (!match) return null;
  return Number(match[2]) * (match[1] === '-' || match[1] === '\u2212' ? -1 : 1) || 0;
}
