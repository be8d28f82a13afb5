import { describe, expect, it } from 'vitest';

import type { Activity, Deed, MemberRole, Members } from '../../../bindings/app';
import { memberDevice } from '../../../project/fake_room';
import { ALL_ROLES, deedOf, INVITED_ROLES, lastOwner, leftOf, nameOfDevice, peopleWithDevices, seenOf, until, usesOf } from './roles';

const HOUR = 3_600_000;

describe('people', () => {
  it('are listed once with all their computers, who is here first', () => {
    const devices = [
      memberDevice('b1', { person: 'bo', name: 'Bo', role: 'owner' }),
      memberDevice('x'),
      memberDevice('me', { person: 'ana', name: 'Ana', isMe: true }),
      memberDevice('b2', { person: 'bo', name: 'Bo', role: 'viewer' }),
    ];
    const found = peopleWithDevices(devices).map(({ name, devices: all }) => [name, all.map(({ device }) => device)]);
    expect(found).toEqual([['Ana', ['me']], ['Bo', ['b1', 'b2']], ['Computer x boot', ['x']]]);
  });

  it('without a name are called by the computer', () => {
    expect(nameOfDevice({ name: ' ', words: 'oak owl fox' })).toBe('Computer oak owl');
  });

  it('are here, or were seen, or were not', () => {
    expect(seenOf(memberDevice('a', { isMe: true }), false, 0)).toBe('This computer');
    expect(seenOf(memberDevice('a'), true, 0)).toBe('Here now');
    expect(seenOf(memberDevice('a', { seenAt: 0 }), false, 2 * HOUR)).toMatch(/^Last seen 2 h/);
    expect(seenOf(memberDevice('a'), false, 0)).toContain('Not heard');
  });

  it('leave an owner', () => {
    const members = (...roles: MemberRole[]): Members => ({
      isOpen: false, role: 'owner', isWaiting: false, former: [], invitations: [], isKeyDue: false, devices: roles.map((role, at) => memberDevice(`d${at}`, { role })),
    });
    const reason = (all: Members) => all.devices[0] && lastOwner(all, all.devices[0]);
    expect(reason(members('owner', 'editor'))).toContain('needs an owner');
    expect(reason(members('owner', 'owner'))).toBeNull();
    expect(reason(members('editor', 'owner'))).toBeNull();
  });
});

describe('invitations', () => {
  it('make nobody an owner', () => {
    expect(ALL_ROLES).toContain('owner');
    expect(INVITED_ROLES).not.toContain('owner');
  });

  it.each([['1', 1], [' 20 ', 20], ['1000', 1000], ['0', null], ['1001', null], ['-1', null], ['', null], ['two', null], ['1.5', null]])(
    'take %j computers',
    (typed, uses) => expect(usesOf(typed)).toBe(uses),
  );

  it('say what is left of them', () => {
    const one = { id: 'i', role: 'editor' as const, uses: 20, used: 3, expiresAt: 30 * HOUR };
    expect(leftOf(one, 0)).toBe('3 of 20 computers joined, ends in 30 hours');
    expect(until(72 * HOUR, 0)).toBe('ends in 3 days');
    expect(until(HOUR / 120, 0)).toBe('ends in 1 minute');
    expect(until(0, 1)).toBe('expired');
  });
});

describe('activity', () => {
  const party = (name: string | null, isMe = false) => ({ device: name ?? 'x', words: 'oak owl fox', isMe, name });
  const said = (deed: Deed, by = party('Ana')): string => deedOf({ id: 'r', by, deed } satisfies Activity).text;

  it.each<[Deed, string]>([
    [{ kind: 'shared' }, 'Ana shared the project'],
    [{ kind: 'added', device: party('Bo'), role: 'editor' }, 'Ana let Bo in as editor'],
    [{ kind: 'roleChanged', device: party('Bo'), role: 'editor' }, 'Ana made Bo an editor'],
    [{ kind: 'roleChanged', device: party('Me', true), role: 'viewer' }, 'Ana made you a viewer'],
    [{ kind: 'removed', device: party(null) }, 'Ana removed Computer oak owl'],
    [{ kind: 'left' }, 'Ana left'],
    [{ kind: 'readmitted', device: party('Bo'), role: 'viewer' }, 'Ana let Bo in again as viewer'],
    [{ kind: 'invited', invitation: 'i', role: 'commenter', uses: 1 }, 'Ana made an invitation for 1 computer as commenter'],
    [{ kind: 'revoked', invitation: 'i', role: null }, 'Ana took an invitation back'],
    [{ kind: 'joined', invitation: 'i', role: 'editor' }, 'Ana joined by an invitation as editor'],
    [{ kind: 'keyChanged' }, 'Ana changed the key'],
  ])('tells %j', (deed, text) => expect(said(deed)).toBe(text));

  it('calls who is here you', () => {
    const me = party('Me', true);
    expect(said({ kind: 'keyChanged' }, me)).toBe('You changed the key');
    expect(said({ kind: 'roleChanged', device: me, role: 'editor' }, me)).toBe('You made yourself an editor');
    expect(said({ kind: 'added', device: me, role: 'owner' }, me)).toBe('You became an owner');
  });
});
