// Why this computer is not in a project that it joins, and what one can do. Pure.

import type { Failure } from '../../bindings/app';

export interface Refused {
  readonly title: string;
  /** Another invitation may help. */
  readonly needsInvitation: boolean;
}

const REFUSED: Readonly<Record<string, Refused>> = {
  INVITATION_EXPIRED: { title: 'The invitation has expired', needsInvitation: true },
  INVITATION_USED_UP: { title: 'The invitation is used up', needsInvitation: true },
  INVITATION_REVOKED: { title: 'The invitation was taken back', needsInvitation: true },
  INVITATION_UNKNOWN: { title: 'The invitation is not one of this project', needsInvitation: true },
  NOT_A_MEMBER: { title: 'This computer is not a member', needsInvitation: true },
  HAS_LEFT: { title: 'This computer has left the project', needsInvitation: false },
  WAS_REMOVED: { title: 'This computer was removed', needsInvitation: false },
};

export const refusedOf = ({ code }: Failure): Refused => REFUSED[code] ?? { title: 'This computer is not let in', needsInvitation: true };
