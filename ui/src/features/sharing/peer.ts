// What is said of another machine. Pure.

import type { Companion } from '../../bindings/app';
import { counted } from '../../project/counted';
import { ago } from '../../project/when';

export interface Trouble {
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}

/** Whoever is behind for longer does not catch up at this moment. */
const LATE_MS = 60_000;

/** Who it is; a machine that says nothing of itself is called by what one can see of it. */
export function nameOf({ name, device }: Companion): string {
  return name ?? `Machine ${device.slice(0, 6)}`;
}

/** Whether somebody is there, and how they are reached. */
export function whereOf(companion: Companion, now: number): string {
  const { person, isLinked, seenAt } = companion;
  if (person === null && !isLinked) return `Last seen ${ago(seenAt, now)}`;
  return `${person === null ? 'Connected' : 'Here now'}, ${isLinked ? 'linked to this machine' : 'through others'}`;
}

/** Whether it lacks something, or has something more, for longer than catching up takes. */
export function isLate({ hasEverything, behindSince }: Companion, now: number): boolean {
  return hasEverything === false && behindSince !== null && now - behindSince > LATE_MS;
}

/** What it holds of the project. */
export function contentOf(companion: Companion, now: number): { icon: string; text: string } {
  const { hasEverything, behindSince } = companion;
  if (hasEverything === null) return { icon: 'circle-question-mark', text: 'Has not said' };
  if (hasEverything) return { icon: 'circle-check', text: 'Has everything' };
  return isLate(companion, now) ? { icon: 'clock', text: `Behind since ${ago(behindSince ?? now, now)}` } : { icon: 'refresh-cw', text: 'Is catching up' };
}

/** What is wrong with it, and what one can do. */
export function troublesOf({ hasDiverged, faults, spoiled }: Companion): Trouble[] {
  const troubles: Trouble[] = [];
  if (hasDiverged) {
    troubles.push({
      code: 'DIVERGED',
      text: 'It has the same changes as this machine and shows something else.',
      remedy: 'Nothing is lost. Use the same version on both machines; if it stays, export the project on both and report the diagnostics.',
    });
  }
  if (faults > 0) {
    troubles.push({
      code: 'NOT_APPLIED',
      text: `${counted(faults, 'change')} from it could not be applied here.`,
      remedy: 'They are kept. Update this machine: the other one may be newer.',
    });
  }
  if (spoiled > 0) {
    troubles.push({
      code: 'ATTACHMENT_SPOILED',
      text: `${counted(spoiled, 'attachment')} from it ${spoiled === 1 ? 'was' : 'were'} not what the project says.`,
      remedy: 'They were thrown away and are fetched from others. Check the disk of that machine.',
    });
  }
  return troubles;
}
