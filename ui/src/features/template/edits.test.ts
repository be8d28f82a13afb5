import { expect, it } from 'vitest';
import { keyFrom, moved, newField, newType, rolesFor } from './edits';

it.each([
  ['Part number', [], 'part-number'],
  ['Part number', ['part-number', 'part-number-2'], 'part-number-3'],
  ['Größe (mm)', [], 'gro-e-mm'],
  ['', [], 'unnamed'],
  ['日本', ['unnamed'], 'unnamed-2'],
])('makes a key of %j', (label, taken, key) => expect(keyFrom(label, taken)).toBe(key));

it('moves members and stops at the ends', () => {
  const list = ['a', 'b', 'c'];
  expect(moved(list, 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(list, 2, -2)).toEqual(['c', 'a', 'b']);
  expect(moved(list, 2, 1)).toBe(list);
  expect(moved(list, 0, -1)).toBe(list);
  expect(moved(list, 9, -1)).toBe(list);
});

it('gives a new type the title', () => {
  const title = { ...newField('t', 'Title', []), role: 'title' as const };
  expect(newType('x', 'Task', [], [newField('a', 'A', []), title]).fields).toEqual([
    { field: 't', group: '' },
  ]);
});

it('offers roles that fit the kind', () => {
  expect(rolesFor('select')).toEqual(['status', 'priority']);
  expect(rolesFor('files')).toEqual([]);
});
