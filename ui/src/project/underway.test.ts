import { expect, test } from 'vitest';
import { follow } from './underway';

const told = (task: number, done: number, total: number) =>
  ({ kind: 'progress', task, label: `Task ${task}`, done, total, canCancel: true }) as const;

test('what began first stands first, and goes when it is over', () => {
  let list = follow([], told(2, 0, 0));
  list = follow(list, told(1, 5, 10));
  list = follow(list, told(2, 30, 20));
  expect(list.map(({ task, part }) => [task, part])).toEqual([[1, 0.5], [2, 1]]);
  list = follow(list, { kind: 'ended', task: 1 });
  list = follow(list, { kind: 'ended', task: 7 });
  expect(list.map(({ task }) => task)).toEqual([2]);
});

test('an unknown total is no part of anything', () => {
  expect(follow([], told(1, 5, 0))[0]?.part).toBeNull();
});
