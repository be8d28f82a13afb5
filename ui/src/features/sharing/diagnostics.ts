// What one sends to whoever is to find out why something is not shared. It names no project, title, text or person.

import type { NetworkFinding, PeerLink, Sharing } from '../../bindings/app';

export interface Subject {
  readonly version: string;
  readonly program: string;
  readonly nodeCount: number;
  readonly sharing: Sharing | null;
  readonly links?: readonly PeerLink[];
}

/** Enough of an id to compare two reports. */
const SHOWN_DIGITS = 12;

export function diagnosticsOf({ version, program, nodeCount, sharing, links = [] }: Subject, now: number): string {
  const lines = ['Talus Tally, how a project is shared', `at: ${moment(now)}`, `version: ${version}`, `window: ${program}`, `nodes: ${nodeCount}`];
  if (sharing === null) return [...lines, 'shared: no'].join('\n');
  const { room, status, waiting, companions, offences, unsendable, unreadable } = sharing;
  lines.push(`room: ${room.slice(0, SHOWN_DIGITS)}`, `status: ${status.kind}`, `waiting: ${waiting}`, `machines: ${companions.length}`);
  for (const failure of [unsendable, unreadable]) {
    if (failure) lines.push(`${failure.code}: ${failure.detail}`);
  }
  for (const one of companions) {
    const has = one.hasEverything === null ? 'unknown' : one.hasEverything ? 'everything' : 'behind';
    const words = [one.person === null ? 'nobody' : 'somebody', one.isLinked ? 'linked' : 'not linked', `has: ${has}`];
    if (one.hasDiverged) words.push('DIVERGED');
    if (one.faults > 0) words.push(`NOT_APPLIED: ${one.faults}`);
    if (one.spoiled > 0) words.push(`ATTACHMENT_SPOILED: ${one.spoiled}`);
    lines.push(`- ${one.device.slice(0, SHOWN_DIGITS)}: ${words.join(', ')}, seen: ${moment(one.seenAt)}`);
  }
  for (const { address, origin, state, device, trouble } of links) {
    const words: string[] = [origin, state.kind];
    if (device !== null) words.push(device.slice(0, SHOWN_DIGITS));
    if (state.kind === 'up') words.push(`since: ${moment(state.since)}`);
    if (state.kind === 'waiting') words.push(`failures: ${state.failures}`);
    if (trouble !== null) words.push(trouble.code, ...(trouble.detail === null ? [] : [trouble.detail]));
    lines.push(`- ${address}: ${words.join(', ')}`);
  }
  for (const { device, what, at } of offences) lines.push(`! ${device.slice(0, SHOWN_DIGITS)}: ${what}, at: ${moment(at)}`);
  return lines.join('\n');
}

/** The same of what the network doctor found. */
export function examinationOf(findings: readonly NetworkFinding[], { version, program }: Pick<Subject, 'version' | 'program'>, now: number): string {
  const head = ['Talus Tally, the network', `at: ${moment(now)}`, `version: ${version}`, `window: ${program}`];
  const lines = findings.map(({ status, code, message, advice }) => `${status}: ${code}: ${message}${advice === null ? '' : ` ${advice}`}`);
  return [...head, ...lines].join('\n');
}

const moment = (at: number): string => new Date(at).toISOString();
