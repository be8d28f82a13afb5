// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { expect, it } from 'vitest';

import type { NodeType } from '../bindings/graph';
import { People } from './people.svelte';
import { Definitions } from './template';

const type = (id: string, traits: NodeType['traits']) => ({ id, traits, fields: [] }) as unknown as NodeType;
const definitions = (types: NodeType[]) => new Definitions({ fields: [], types });
const row = (id: string, type: string) => [id, null, 'a', type, {}] as const;

it('knows who comes, goes and is converted, and is another set only then', () => {
  const people = new People();
  people.replace([{ id: 'ana', type: 'person' }, { id: 'hull', type: 'task' }], definitions([type('person', ['person']), type('task', [])]));
  const before = people.ids;
  expect([...before]).toEqual(['ana']);
  people.absorb([[...row('mast', 'task')]], ['hull']);
  expect(people.ids).toBe(before);
  people.absorb([[...row('bo', 'person')], [...row('ana', 'task')]], []);
  expect([...people.ids]).toEqual(['bo']);
  people.absorb([], ['bo']);
  expect([...people.ids]).toEqual([]);
});

it('follows the types', () => {
  const people = new People();
  const nodes = [{ id: 'ana', type: 'person' }, { id: 'kit', type: 'robot' }];
  people.replace(nodes, definitions([type('person', ['person']), type('robot', [])]));
  people.replace(nodes, definitions([type('person', []), type('robot', ['person'])]));
  expect([...people.ids]).toEqual(['kit']);
});
