// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import type { NoticeGroup } from '../bindings/app';
import { FakeApplication } from './fake_application';
import { Notices } from './notices.svelte';

const group = (id: number, isRead = false): NoticeGroup => ({ id, isRead, heardAt: 0, notices: [], count: 1, items: 1 });

let application: FakeApplication;

beforeEach(() => {
  application = new FakeApplication();
  vi.stubGlobal('fetch', application.fetch);
});

it('counts what was not seen', () => {
  const notices = new Notices('p');
  expect(notices.unread).toBe(0);
  notices.absorb([group(3), group(2, true), group(1)], []);
  expect(notices.unread).toBe(2);
  notices.absorb([group(3, true), group(2, true), group(1, true)], []);
  expect(notices.unread).toBe(0);
});

it('tells once of what is new, and of nothing else', () => {
  const notices = new Notices('p');
  const told: number[][] = [];
  const stop = notices.onFresh((fresh) => told.push(fresh.map(({ id }) => id)));
  notices.absorb([group(2), group(1)], [1, 2]);
  notices.absorb([group(2, true), group(1)], []);
  notices.absorb([group(2, true)], [9]);
  stop();
  notices.absorb([group(3)], [3]);
  expect(told).toEqual([[2, 1]]);
});

it('does not let an answer that was overtaken undo what was heard', async () => {
  const notices = new Notices('p');
  const begun = notices.begin();
  notices.absorb([group(1)], [1]);
  await begun;
  expect(notices.entries.map(({ id }) => id)).toEqual([1]);
});

it('asks the application to note what was seen', () => {
  const notices = new Notices('p');
  notices.mark([1, 2]);
  notices.mark(null);
  expect(application.asked).toEqual([
    { kind: 'markNotices', project: 'p', entries: [1, 2] },
    { kind: 'markNotices', project: 'p', entries: null },
  ]);
});
