// How a project is shared, in a word. Pure.

import type { Sharing } from '../../bindings/app';
import { counted } from '../../project/counted';

export type ChipKind = 'alone' | 'joining' | 'live' | 'syncing' | 'offline' | 'problem';

export interface Chip {
  readonly kind: ChipKind;
  readonly text: string;
}

/** `isEmpty`: nothing of the project has arrived, not even its template. */
export function chipOf(sharing: Sharing | null, isEmpty: boolean): Chip {
  if (sharing === null) return { kind: 'alone', text: 'Share' };
  const code = problemOf(sharing);
  if (code !== null) return { kind: 'problem', text: `Problem · ${code}` };
  if (isEmpty) return { kind: 'joining', text: 'Joining' };
  const { status, waiting } = sharing;
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

/** What is read aloud when it has come to stay; empty: that is no news. */
export const ANNOUNCED: Readonly<Record<ChipKind, string>> = {
  alone: '',
  joining: 'Joining. The content of the project is on its way.',
  live: 'Live. Others have everything that is here.',
  syncing: '',
  offline: 'Offline. Nobody who shares this project is reached; changes are kept here.',
  problem: 'There is a problem with how this project is shared. Open the peers.',
};
