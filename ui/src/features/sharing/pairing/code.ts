// The code of a pairing, and the time that it has left. Pure.

import type { Timestamp } from '../../../bindings/graph';

/** A code is good for two minutes. */
export const LIFE_MS = 120_000;

/** The six digits of what was typed; null: there are not six. */
export function codeOf(typed: string): string | null {
  const digits = typed.replace(/[\s-]/g, '');
  return /^\d{6}$/.test(digits) ? digits : null;
}

/** `492817` as people read it aloud. */
export const inTwo = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;

/** How much of its life is left, from 1 to 0. */
export const leftPart = (until: Timestamp, now: Timestamp): number => Math.min(1, Math.max(0, (until - now) / LIFE_MS));

/** `1:42` */
export function leftTime(until: Timestamp, now: Timestamp): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
