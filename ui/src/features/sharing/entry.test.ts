import { expect, it } from 'vitest';

import { chipOf } from './chip';
import { refusedOf } from './entry';

const failure = (code: string) => ({ code, message: '', detail: null });

it('asks for another invitation where that helps', () => {
  const helps = (code: string) => refusedOf(failure(code)).needsInvitation;
  expect(['INVITATION_EXPIRED', 'INVITATION_USED_UP', 'INVITATION_REVOKED', 'INVITATION_UNKNOWN'].every(helps)).toBe(true);
  expect(helps('WAS_REMOVED')).toBe(false);
});

it('has a title for each reason, also for one of a later version', () => {
  const titles = ['INVITATION_EXPIRED', 'INVITATION_USED_UP', 'INVITATION_REVOKED', 'SOMETHING_NEW'].map((code) => refusedOf(failure(code)).title);
  expect(new Set(titles).size).toBe(4);
  expect(titles.every((title) => title !== '')).toBe(true);
});

it('says in the title bar that this computer is not let in', () => {
  const sharing = { room: 'r', status: { kind: 'offline' as const }, waiting: 0, companions: [], offences: [], notLetIn: failure('INVITATION_EXPIRED') };
  expect(chipOf(sharing, true, 0)).toEqual({ kind: 'problem', text: 'Problem · INVITATION_EXPIRED' });
});
