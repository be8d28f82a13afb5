// How a project is shared, in a word. Pure.

import type { Companion, Sharing } from '../../bindings/app';
import type { Timestamp } from '../../bindings/graph';
import { counted } from '../../project/counted';
import { ago } from '../../project/when';
import { isLate } from './peer';

export type ChipKind = 'alone' | 'joining' | 'live' | 'syncing' | 'behind' | 'unreadable' | 'offline' | 'problem';

export interface Chip {
  readonly kind: ChipKind;
  readonly text: string;
}

/** `isEmpty`: nothing of the project has arrived, not even its template. */
export function chipOf(sharing: Sharing | null, isEmpty: boolean, now: Timestamp): Chip {
  if (sharing === null) return { kind: 'alone', text: 'Share' };
  const code = problemOf(sharing);
  if (code !== null) return { kind: 'problem', text: `Problem · ${code}` };
  if (sharing.unreadable) return { kind: 'unreadable', text: 'Waiting for a key' };
  if (isEmpty) return { kind: 'joining', text: 'Joining' };
  const { status, waiting } = sharing;
  const behind = status.kind === 'offline' ? null : behindOf(sharing, now);
  if (behind !== null) return { kind: 'behind', text: behind };
  switch (status.kind) {
    case 'live':
      return { kind: 'live', text: status.peers === 0 ? 'Live' : `Live · ${counted(status.peers, 'peer')}` };
    case 'syncing':
      return { kind: 'syncing', text: 'Syncing' };
    case 'offline':
      return { kind: 'offline', text: waiting === 0 ? 'Offline' : `Offline · ${counted(waiting, 'change')} waiting` };
  }
}

/** Code of the worst that is wrong with a room; null: nothing is. */
export function problemOf({ companions, notLetIn, unsendable }: Sharing): string | null {
  if (notLetIn) return notLetIn.code;
  if (unsendable) return unsendable.code;
  if (companions.some(({ hasDiverged }) => hasDiverged)) return 'DIVERGED';
  return companions.some(({ faults }) => faults > 0) ? 'NOT_APPLIED' : null;
}

/** Who does not hold the same for so long that it is no catching up. Machines where nobody sits are not waited for. */
function behindOf({ companions }: Sharing, now: Timestamp): string | null {
  const late = companions.filter((one) => one.name !== null && isLate(one, now));
  late.sort((a, b) => (a.behindSince ?? 0) - (b.behindSince ?? 0));
  const [first] = late;
  if (!first) return null;
  const names = new Set(late.map(({ name }) => name));
  if (names.size > 1) return `Behind: ${first.name} and ${names.size - 1} more`;
  return `Behind: ${first.name} ${sinceWhen(first, now)}`;
}

function sinceWhen({ person, isLinked, seenAt, behindSince }: Companion, now: Timestamp): string {
  const isGone = person === null && !isLinked;
  return isGone ? `last seen ${ago(seenAt, now)}` : `since ${ago(behindSince ?? now, now)}`;
}

/** What is read aloud when it has come to stay; empty: that is no news. */
export const ANNOUNCED: Readonly<Record<ChipKind, string>> = {
  alone: '',
  joining: 'Joining. The content of the project is on its way.',
  live: 'Live. Others have everything that is here.',
  syncing: '',
  behind: 'Somebody does not have everything yet. Open the peers to see who.',
  unreadable: 'Some of what others wrote cannot be read here yet. Open the peers to see why.',
  offline: 'Offline. Nobody who shares this project is reached; changes are kept here.',
  problem: 'There is a problem with how this project is shared. Open the peers.',
};
