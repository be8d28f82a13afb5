import { expect, it } from 'vitest';
import type { Comment } from '../../bindings/app';
import { threads } from './threads';

function comment(id: string, at: number, replyTo: string | null = null): Comment {
  return { id, replyTo, by: null, at, editedAt: null, body: id, resolved: false, mine: false };
}

it('groups answers under their thread, each in order of time', () => {
  const found = threads([
    comment('late', 9),
    comment('b', 3, 'early'),
    comment('early', 1),
    comment('a', 2, 'early'),
  ]);
  expect(found.map(({ first, replies }) => [first.id, replies.map(({ id }) => id)])).toEqual([
    ['early', ['a', 'b']],
    ['late', []],
  ]);
});

it('keeps an answer whose thread was deleted', () => {
  expect(threads([comment('orphan', 1, 'gone')])).toHaveLength(1);
});
