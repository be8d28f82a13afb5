import { expect, it } from 'vitest';
import type { NoticeGroup } from '../../bindings/app';
import type { Notice, NoticeKind, ProblemKind } from '../../bindings/graph';
import { badge, desktopWords, entryWords, noticeWords } from './words';

const name = (person: string | null) => (person === 'a' ? 'Ana' : 'Somebody');

function notice(kind: NoticeKind, rest: Partial<Notice> = {}): Notice {
  return {
    key: 'k', kind, by: 'a', at: 0, node: 'n', title: 'Hull', field: null, comment: null, conflict: null, text: '', ...rest,
  };
}

const entry = (notices: Notice[], rest: Partial<NoticeGroup> = {}): NoticeGroup => ({
  id: 1, isRead: false, heardAt: 0, notices, count: notices.length, items: notices.length, ...rest,
});

it('says who did what', () => {
  const text = (kind: NoticeKind, rest: Partial<Notice> = {}) => noticeWords(notice(kind, rest), name).text;
  expect(text('assigned')).toBe('Ana assigned “Hull” to you');
  expect(text('mentioned')).toBe('Ana mentioned you in “Hull”');
  expect(text('blocked')).toBe('Your item “Hull” is blocked');
  expect(text('unblocked', { by: null })).toBe('Your item “Hull” is free to go on');
  expect(text('joined', { title: 'Ben' })).toBe('Ben joined the project');
  expect(text('left', { title: '' })).toBe('Somebody left the project');
  expect(noticeWords(notice('left', { text: 'Ana' }), name).detail).toBe('Removed by Ana.');
  expect(noticeWords(notice('blocked', { text: 'Keel' }), name).detail).toBe('Ana: it waits for “Keel”');
});

it('names both sides of a conflict of every kind', () => {
  const kinds: ProblemKind[] = ['fieldRace', 'moveRace', 'moveCycle', 'parentDeleted', 'editedAfterDelete'];
  for (const conflict of kinds) {
    const { text } = noticeWords(notice('conflict', { conflict, text: 'Size' }), name);
    expect(text).toContain('Hull');
    expect(text).toContain('Ana');
    expect(text).toMatch(/you/);
  }
});

it('counts what was gathered', () => {
  const many = Array.from({ length: 20 }, (_, index) => notice('assigned', { title: `Item ${index}` }));
  expect(entryWords(entry(many, { count: 500, items: 40 }), name)).toEqual({
    text: 'Ana changed 40 of your items',
    detail: '“Item 0”, “Item 1”, “Item 2” and 37 more',
  });
  const same = entry([notice('mentioned'), notice('mentioned')], { items: 1 });
  expect(entryWords(same, name)).toEqual({ text: 'Ana mentioned you 2 times', detail: '“Hull”' });
  expect(entryWords(entry([]), name).text).toBe('');
});

it('tells the desktop what asks most of one, and of many the first three', () => {
  const [mentioned, joined] = [entry([notice('mentioned', { text: 'look' })]), entry([notice('joined')])];
  expect(desktopWords([mentioned], 'Ship', name)).toEqual({ title: 'Ship', body: 'Ana mentioned you in “Hull”\nlook' });
  expect(desktopWords([joined, mentioned], 'Ship', name).body).toBe('Ana mentioned you in “Hull”\nHull joined the project');
  const lines = desktopWords([joined, joined, joined, joined, mentioned], 'Ship', name).body.split('\n');
  expect([lines.length, lines[0], lines[3]]).toEqual([4, 'Ana mentioned you in “Hull”', 'and 2 more']);
});

it('has room for three characters', () => {
  expect([badge(1), badge(99), badge(100)]).toEqual(['1', '99', '99+']);
});
