import { expect, it } from 'vitest';
import { keyAfter, keyFrom, livingDefault, moved, newField, newOption, newType, pluralAfter, rolesFor, toggledOption } from './edits';

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

it('lets key and plural follow the label until somebody writes them', () => {
  expect(keyAfter({ label: 'New type', key: 'new-type' }, 'Risk', [])).toBe('risk');
  expect(keyAfter({ label: 'New type', key: 'new-type-2' }, 'Risk', ['new-type', 'risk'])).toBe(
    'risk-2',
  );
  expect(keyAfter({ label: 'Risk', key: 'hazard' }, 'Threat', [])).toBe('hazard');
  expect(pluralAfter({ label: 'New type', plural: 'New types' }, 'Risk')).toBe('Risks');
  expect(pluralAfter({ label: 'Person', plural: 'People' }, 'Human')).toBe('People');
});

it('puts options in and out of a default', () => {
  expect(toggledOption(null, 'b')).toEqual({ options: ['b'] });
  expect(toggledOption({ options: ['b'] }, 'a')).toEqual({ options: ['a', 'b'] });
  expect(toggledOption({ options: ['a'] }, 'a')).toBeNull();
});

it('lets go of defaults whose options are gone, and of no others', () => {
  const options = [newOption('a', 'A')];
  expect(livingDefault({ default: { option: 'a' }, options })).toEqual({ option: 'a' });
  expect(livingDefault({ default: { option: 'b' }, options })).toBeNull();
  expect(livingDefault({ default: { options: ['a', 'b'] }, options })).toEqual({ options: ['a'] });
  expect(livingDefault({ default: { options: ['b'] }, options })).toBeNull();
  expect(livingDefault({ default: { text: 'b' }, options: [] })).toEqual({ text: 'b' });
});
