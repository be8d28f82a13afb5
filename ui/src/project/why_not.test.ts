import { expect, it } from 'vitest';

import type { MemberRole, Members } from '../bindings/app';
import { whyNot, type Right } from './why_not';

const members = (rest: Partial<Members>): Members => ({ isOpen: false, role: 'owner', isWaiting: false, devices: [], former: [], invitations: [], isKeyDue: false, ...rest });
const RIGHTS: readonly Right[] = ['comment', 'write', 'own'];
const allowed = (role: MemberRole | null) => RIGHTS.filter((right) => whyNot(right, members({ role })) === null);

it('lets each role do what the application lets it do', () => {
  expect(allowed('owner')).toEqual(['comment', 'write', 'own']);
  expect(allowed('editor')).toEqual(['comment', 'write']);
  expect(allowed('commenter')).toEqual(['comment']);
  expect(allowed('viewer')).toEqual([]);
  expect(allowed(null)).toEqual([]);
});

it('lets everybody do everything in a project that is not shared', () => {
  expect(RIGHTS.map((right) => whyNot(right, null))).toEqual([null, null, null]);
});

it('knows no owner where a project is shared openly', () => {
  const open = members({ isOpen: true, role: null });
  expect(whyNot('write', open)).toBeNull();
  expect(whyNot('comment', open)).toBeNull();
  expect(whyNot('own', open)).not.toBeNull();
});

it('tells who is in with less from who is not in', () => {
  expect(whyNot('write', members({ role: 'commenter' }))).toContain('write comments');
  expect(whyNot('write', members({ role: 'viewer' }))).not.toContain('comments');
  expect(whyNot('write', members({ role: null }))).toContain('not a member');
});

it('lets nobody change what a newer version has changed', () => {
  const needsUpdate = { code: 'NEEDS_UPDATE', message: 'Update first.', detail: null };
  for (const whose of [null, members({ role: 'owner' })]) {
    expect(RIGHTS.map((right) => whyNot(right, whose, needsUpdate))).toEqual(['Update first.', 'Update first.', null]);
  }
});
