// Notices as sentences. Pure.

import type { NoticeGroup } from '../../bindings/app';
import type { Notice, NoticeKind, PersonId } from '../../bindings/graph';

/** Looks up what a project calls people. */
export type NameOf = (person: PersonId | null) => string;

/** A sentence, and what stands beneath it. */
export interface Words {
  readonly text: string;
  readonly detail: string;
}

const TITLES_TOLD = 3;

const quoted = (title: string): string => `“${title}”`;

/** What one notice says. */
export function noticeWords(notice: Notice, name: NameOf): Words {
  const who = name(notice.by);
  const item = quoted(notice.title);
  switch (notice.kind) {
    case 'assigned':
      return { text: `${who} assigned ${item} to you`, detail: '' };
    case 'mentioned':
      return { text: `${who} mentioned you in ${item}`, detail: notice.text };
    case 'blocked':
      return { text: `Your item ${item} is blocked`, detail: `${who}: it waits for ${quoted(notice.text)}` };
    case 'unblocked':
      return { text: `Your item ${item} is free to go on`, detail: `${who}: it waited for ${quoted(notice.text)}` };
    case 'conflict':
      return conflictWords(notice, who, item);
    case 'joined':
      return { text: `${notice.title || 'Somebody'} joined the project`, detail: '' };
    case 'left':
      return { text: `${notice.title || 'Somebody'} left the project`, detail: notice.text && `Removed by ${notice.text}.` };
  }
}

function conflictWords({ conflict, text }: Notice, who: string, item: string): Words {
  switch (conflict) {
    case 'fieldRace':
      return { text: `${who} and you changed ${text} of ${item} at the same time`, detail: 'Choose which value stays.' };
    case 'moveRace':
      return { text: `${who} and you moved ${item} at the same time`, detail: text };
    case 'moveCycle':
      return { text: `A move of ${who} and one of yours made a circle at ${item}`, detail: text };
    case 'parentDeleted':
      return { text: `${item} lost the item that it stood below, by ${who} and you`, detail: text };
    default:
      return { text: `${item} was edited while it was deleted, by ${who} and you`, detail: text };
  }
}

/** What an entry says: a notice, or how many there are of a kind. */
export function entryWords({ notices, count, items }: NoticeGroup, name: NameOf): Words {
  const [newest] = notices;
  if (!newest) return { text: '', detail: '' };
  if (count === 1) return noticeWords(newest, name);
  const who = name(newest.by);
  const titles = [...new Set(notices.map(({ title }) => title))].filter((title) => title !== '');
  const told = titles.slice(0, TITLES_TOLD).map(quoted);
  const more = Math.max(items, titles.length) - told.length;
  const detail = told.join(', ') + (more > 0 ? ` and ${more} more` : '');
  switch (newest.kind) {
    case 'mentioned':
      return { text: `${who} mentioned you ${count} times`, detail };
    case 'conflict':
      return { text: `${count} conflicts between what ${who} and you did`, detail };
    case 'joined':
    case 'left':
      return { text: `${count} people joined or left`, detail };
    default:
      return { text: `${who} changed ${items} of your ${items === 1 ? 'item' : 'items'}`, detail };
  }
}

export const ICONS: Readonly<Record<NoticeKind, string>> = {
  assigned: 'user-check',
  mentioned: 'at-sign',
  blocked: 'octagon-pause',
  unblocked: 'circle-play',
  conflict: 'split',
  joined: 'user-plus',
  left: 'user-minus',
};

/** What the badge says. */
export const badge = (unread: number): string => (unread > 99 ? '99+' : String(unread));

/** What asks most of the person here comes first. */
const ORDER: readonly NoticeKind[] = ['mentioned', 'assigned', 'conflict', 'blocked', 'unblocked', 'joined', 'left'];

/** Several at once as one message of the desktop. */
export function desktopWords(fresh: readonly NoticeGroup[], project: string, name: NameOf): { title: string; body: string } {
  const rank = ({ notices: [newest] }: NoticeGroup) => (newest ? ORDER.indexOf(newest.kind) : ORDER.length);
  const words = fresh.toSorted((a, b) => rank(a) - rank(b)).map((entry) => entryWords(entry, name));
  const lines =
    words.length === 1 ? [words[0]?.text ?? '', words[0]?.detail ?? ''] : words.slice(0, TITLES_TOLD).map(({ text }) => text);
  if (words.length > TITLES_TOLD) lines.push(`and ${words.length - TITLES_TOLD} more`);
  return { title: project, body: lines.filter(Boolean).join('\n') };
}
