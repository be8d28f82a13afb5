// What one sends to whoever is to find out why something is not shared. It names no project, title, text or person.

import type { Sharing } from '../../bindings/app';

export interface Subject {
  readonly version: string;
  readonly program: string;
  readonly nodeCount: number;
  readonly sharing: Sharing | null;
}

/** Enough of an id to compare two reports. */
const SHOWN_DIGITS = 12;

export function diagnosticsOf({ version, program, nodeCount, sharing }: Subject, now: number): string {
  const lines = ['Talus Tally, how a project is shared', `at: ${moment(now)}`, `version: ${version}`, `window: ${program}`, `nodes: ${nodeCount}`];
  if (sharing === null) return [...lines, 'shared: no'].join('\n');
  const { room, status, waiting, companions } = sharing;
  lines.push(`room: ${room.slice(0, SHOWN_DIGITS)}`, `status: ${status.kind}`, `waiting: ${waiting}`, `machines: ${companions.length}`);
  for (const one of companions) {
    const has = one.hasEverything === null ? 'unknown' : one.hasEverything ? 'everything' : 'behind';
    const words = [one.person === null ? 'nobody' : 'somebody', one.isLinked ? 'linked' : 'not linked', `has: ${has}`];
    if (one.hasDiverged) words.push('DIVERGED');
    if (one.faults > 0) words.push(`NOT_APPLIED: ${one.faults}`);
    lines.push(`- ${one.device.slice(0, SHOWN_DIGITS)}: ${words.join(', ')}, seen: ${moment(one.seenAt)}`);
  }
  return lines.join('\n');
}

const moment = (at: number): string => new Date(at).toISOString();
