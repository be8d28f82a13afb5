import { expect, it } from 'vitest';
import type { Field, NodeType } from '../../bindings/graph';
import { Definitions } from '../../project/template';
import { fieldGroups, shared } from './fields';

function field(id: string, rest: Partial<Field> = {}): Field {
  return {
    id,
    key: id,
    label: id,
    kind: 'text',
    options: [],
    default: null,
    required: false,
    unit: null,
    role: null,
    help: '',
    targets: [],
    ...rest,
  };
}

function type(id: string, ...places: [field: string, group: string][]): NodeType {
  return {
    id,
    key: id,
    label: id,
    plural: id,
    icon: 'circle',
    shape: 'circle',
    colour: '#888888',
    topLevel: true,
    children: [],
    fields: places.map(([name, group]) => ({ field: name, group })),
    traits: [],
    score: null,
  };
}

const task = type('task', ['title', ''], ['a', ''], ['b', 'Plan'], ['c', ''], ['gone', '']);
const job = type('job', ['title', ''], ['c', 'Other'], ['b', '']);
const definitions = new Definitions({
  fields: [field('title', { role: 'title' }), field('a'), field('b'), field('c')],
  types: [task, job],
});

it('groups the fields of a type without its title and without dead placements', () => {
  const groups = fieldGroups([task], definitions);
  expect(groups.map(({ name, fields }) => [name, fields.map(({ id }) => id)])).toEqual([
    ['', ['a', 'c']],
    ['Plan', ['b']],
  ]);
});

it('shows several types what they have in common', () => {
  const groups = fieldGroups([task, job], definitions);
  expect(groups.flatMap(({ fields }) => fields.map(({ id }) => id))).toEqual(['c', 'b']);
  expect(fieldGroups([], definitions)).toEqual([]);
});

it('knows equal, empty and mixed values', () => {
  expect(shared([{ text: 'x' }, { text: 'x' }])).toEqual({ value: { text: 'x' }, mixed: false });
  expect(shared([undefined, undefined])).toEqual({ value: undefined, mixed: false });
  expect(shared([undefined, { flag: false }])).toEqual({ value: undefined, mixed: true });
});
