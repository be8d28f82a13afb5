import { describe, expect, it } from 'vitest';

import type { Companion } from '../bindings/app';
import { byNode, colourOfChange, companionsOf, peopleOf } from './companions';

const companion = (device: string, rest: Partial<Companion> = {}): Companion => ({
  device, person: device, name: device, colour: `#${device}`, node: null, field: null, isTyping: false, isLinked: true,
  hasEverything: true, behindSince: null, hasDiverged: false, faults: 0, spoiled: 0, seenAt: 0, ...rest,
});

describe('peopleOf', () => {
  it('leaves out machines without a person', () => {
    expect(peopleOf([companion('a'), companion('relay', { person: null, name: null })]).map(({ name }) => name)).toEqual(['a']);
  });

  it('names whoever sits at two machines once, where they type', () => {
    const [ana, ...rest] = peopleOf([
      companion('a', { person: 'ana', node: 'old', seenAt: 9 }),
      companion('b', { person: 'ana', node: 'new', seenAt: 2, isTyping: true }),
    ]);
    expect(ana).toMatchObject({ node: 'new', isTyping: true });
    expect(rest).toEqual([]);
  });

  it('keeps its order, whoever was heard last', () => {
    const names = (seenAt: number) => peopleOf([companion('b', { seenAt }), companion('a', { seenAt: 5 })]).map(({ name }) => name);
    expect(names(1)).toEqual(names(9));
  });
});

it('shows nobody while nobody is reached', () => {
  const sharing = { room: 'r', waiting: 0, companions: [companion('a', { node: 'n' })], offences: [] };
  const offline = companionsOf({ ...sharing, status: { kind: 'offline' } });
  expect(peopleOf(offline)).toEqual([]);
  expect(offline[0]).toMatchObject({ name: 'a', node: null });
  expect(peopleOf(companionsOf({ ...sharing, status: { kind: 'syncing' } }))).toHaveLength(1);
});

it('finds who looks at a node', () => {
  const people = peopleOf([companion('a', { node: 'n' }), companion('b', { node: 'n' }), companion('c')]);
  const found = byNode(people);
  expect(found.get('n')?.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(found.size).toBe(1);
});

it('gives a change the colour of whoever can have made it, and nobody else', () => {
  const people = peopleOf([companion('a', { node: 'n' }), companion('b')]);
  expect(colourOfChange('n', people)).toBe('#a');
  expect(colourOfChange('m', people)).toBe('var(--info)');
  expect(colourOfChange('m', people.slice(1))).toBe('#b');
  expect(colourOfChange('m', [])).toBe('var(--info)');
});
