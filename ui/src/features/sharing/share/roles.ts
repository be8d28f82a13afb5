// Roles, terms and the log of members in words. Pure.

import type { Activity, MemberDevice, MemberRole, Members, OpenInvitation, Party } from '../../../bindings/app';
import type { PersonId, Timestamp } from '../../../bindings/graph';
import { counted } from '../../../project/counted';
import { ago } from '../../../project/when';

export interface RoleWords {
  readonly label: string;
  readonly hint: string;
  readonly icon: string;
}

export const ROLES: Readonly<Record<MemberRole, RoleWords>> = {
  owner: { label: 'Owner', hint: 'changes everything, and says who may', icon: 'crown' },
  editor: { label: 'Editor', hint: 'changes everything', icon: 'pencil' },
  commenter: { label: 'Commenter', hint: 'reads, and writes comments', icon: 'message-square' },
  viewer: { label: 'Viewer', hint: 'reads', icon: 'eye' },
};

/** From the one that may most. */
export const ALL_ROLES: readonly MemberRole[] = ['owner', 'editor', 'commenter', 'viewer'];

/** Nobody becomes an owner by an invitation. */
export const INVITED_ROLES: readonly MemberRole[] = ['editor', 'commenter', 'viewer'];

/** For how long an invitation is good, in hours. */
export const LIVES: readonly { readonly hours: number; readonly label: string }[] = [
  { hours: 1, label: 'an hour' },
  { hours: 24, label: 'a day' },
  { hours: 7 * 24, label: 'a week' },
  { hours: 30 * 24, label: '30 days' },
  { hours: 365 * 24, label: 'a year' },
];

/** As many as an invitation can let in. */
export const MOST_USES = 1000;

/** So many computers as somebody typed; null: that is no number of computers. */
export function usesOf(typed: string): number | null {
  const uses = /^\d{1,4}$/.test(typed.trim()) ? Number(typed) : 0;
  return uses >= 1 && uses <= MOST_USES ? uses : null;
}

/** What an invitation lets one do. */
export function invitationOf({ role }: Pick<OpenInvitation, 'role'>): string {
  return `${ROLES[role].label}: ${ROLES[role].hint}`;
}

/** How much of an invitation is left. */
export function leftOf({ uses, used, expiresAt }: OpenInvitation, now: Timestamp): string {
  return `${used} of ${counted(uses, 'computer')} joined, ${until(expiresAt, now)}`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** When something ends. */
export function until(at: Timestamp, now: Timestamp): string {
  const left = at - now;
  if (left <= 0) return 'expired';
  if (left < HOUR) return `ends in ${counted(Math.max(1, Math.round(left / MINUTE)), 'minute')}`;
  if (left < 2 * DAY) return `ends in ${counted(Math.round(left / HOUR), 'hour')}`;
  return `ends in ${counted(Math.round(left / DAY), 'day')}`;
}

// ---- people and their computers ----

export interface PersonAtDevices {
  /** Null: nobody was seen at this one computer yet. */
  readonly person: PersonId | null;
  readonly name: string;
  readonly devices: readonly MemberDevice[];
}

/** Who has no name is called by the computer. */
export const nameOfDevice = ({ name, words }: Pick<MemberDevice, 'name' | 'words'>): string =>
  name?.trim() || `Computer ${words.split(' ').slice(0, 2).join(' ')}`;

/** People with their computers: who is here first, then in the order of what they may. */
export function peopleWithDevices(devices: readonly MemberDevice[]): PersonAtDevices[] {
  const groups = new Map<string, MemberDevice[]>();
  const inOrder = devices.toSorted((a, b) => Number(b.isMe) - Number(a.isMe));
  for (const device of inOrder) {
    const key = device.person ?? device.device;
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    return first ? [{ person: first.person, name: nameOfDevice(first), devices: all }] : [];
  });
}

/** When somebody was at a computer last. */
export function seenOf({ isMe, seenAt }: MemberDevice, isHere: boolean, now: Timestamp): string {
  if (isMe) return 'This computer';
  if (isHere) return 'Here now';
  return seenAt === null ? 'Not heard since the project was opened' : `Last seen ${ago(seenAt, now)}`;
}

/** Why this computer may not lose its place among the owners. */
export function lastOwner({ devices }: Members, device: MemberDevice): string | null {
  const isLast = device.role === 'owner' && devices.filter(({ role }) => role === 'owner').length === 1;
  return isLast ? 'A project needs an owner. Make somebody else an owner first.' : null;
}

// ---- the log of members ----

const who = ({ isMe, name, words }: Party): string => (isMe ? 'You' : nameOfDevice({ name, words }));
const whom = (party: Party): string => (party.isMe ? 'you' : who(party));
const as = (role: MemberRole): string => ROLES[role].label.toLowerCase();
const an = (role: MemberRole): string => (/^[aeiou]/.test(as(role)) ? `an ${as(role)}` : `a ${as(role)}`);

/** One thing that happened, as a sentence with a sign. */
export function deedOf({ by, deed }: Activity): { icon: string; text: string } {
  switch (deed.kind) {
    case 'shared':
      return { icon: 'share-2', text: `${who(by)} shared the project` };
    case 'added':
      if (by.device === deed.device.device) return { icon: 'crown', text: `${who(by)} became ${an(deed.role)}` };
      return { icon: 'user-plus', text: `${who(by)} let ${whom(deed.device)} in as ${as(deed.role)}` };
    case 'roleChanged':
      return { icon: 'user-cog', text: `${who(by)} made ${by.device === deed.device.device && by.isMe ? 'yourself' : whom(deed.device)} ${an(deed.role)}` };
    case 'removed':
      return { icon: 'user-minus', text: `${who(by)} removed ${whom(deed.device)}` };
    case 'left':
      return { icon: 'log-out', text: `${who(by)} left` };
    case 'readmitted':
      return { icon: 'user-plus', text: `${who(by)} let ${whom(deed.device)} in again as ${as(deed.role)}` };
    case 'invited':
      return { icon: 'ticket', text: `${who(by)} made an invitation for ${counted(deed.uses, 'computer')} as ${as(deed.role)}` };
    case 'revoked':
      return { icon: 'ticket-x', text: `${who(by)} took an invitation back${deed.role === null ? '' : ` (${as(deed.role)})`}` };
    case 'joined':
      return { icon: 'log-in', text: `${who(by)} joined by an invitation${deed.role === null ? '' : ` as ${as(deed.role)}`}` };
    case 'keyChanged':
      return { icon: 'key-round', text: `${who(by)} changed the key` };
  }
}
