import { describe, expect, it } from 'vitest';

import type { Action } from '../project/actions.svelte';
import { choiceItems, paletteItems, type Offer } from './palette';

const action = (id: string, title: string, reason: string | null = null, group = 'Edit') => ({
  action: { id, title, group, run() {} } as Action, title, reason,
});
const offer: Offer = {
  actions: [action('edit.undo', 'Undo', 'There is nothing to undo'), action('edit.redo', 'Redo'), action('view.fold', 'Fold all')],
  recent: ['view.fold'],
  nodes: () => [{ node: 'n1', title: 'Front axle' }, { node: 'n2', title: 'Fold-down seat' }, { node: 'n3', title: 'Éclairage' }],
  types: [],
};
const titles = (typed: string) => paletteItems(typed, offer).map((item) => item.title);

describe('paletteItems', () => {
  it('offers what was used last first, and what cannot be done last', () => {
    expect(titles('')).toEqual(['Fold all', 'Redo', 'Undo']);
  });

  it('offers what one does with what is selected before what one does with the window', () => {
    const actions = [action('a', 'Next pane', null, 'View'), action('b', 'Settings', null, 'Help'), action('c', 'Rename', null, 'Item')];
    expect(paletteItems('', { ...offer, actions, recent: [] }).map(({ title }) => title)).toEqual(['Rename', 'Next pane', 'Settings']);
    expect(paletteItems('', { ...offer, actions, recent: ['b'] })[0]?.title).toBe('Settings');
  });

  it('finds actions and titles', () => {
    expect(titles('fold')).toEqual(['Fold-down seat', 'Fold all']);
    expect(titles('axle')).toEqual(['Front axle']);
  });

  it('finds titles without their accents', () => {
    expect(titles('eclair')).toEqual(['Éclairage']);
  });

  it('finds only actions after >', () => {
    expect(titles('>fold')).toEqual(['Fold all']);
  });

  it('keeps the reason why something cannot be done', () => {
    expect(paletteItems('>undo', offer)[0]).toMatchObject({ reason: 'There is nothing to undo' });
  });
});

describe('choiceItems', () => {
  const choice = (key: string, title: string) => ({ key, title, run() {} });

  it('keeps the order of the choices until something is typed, then puts what fits best first', () => {
    const choices = [choice('1', 'Brake line'), choice('2', 'Front axle'), choice('3', 'Axle')];
    expect(choiceItems(' ', choices).map(({ key }) => key)).toEqual(['1', '2', '3']);
    expect(choiceItems('axle', choices).map(({ key }) => key)).toEqual(['3', '2']);
    expect(choiceItems('>axle', choices)[0]?.kind).toBe('choice');
  });

  it('is not longer than anybody reads, however much there is', () => {
    const choices = Array.from({ length: 3_000 }, (_, at) => choice(`${at}`, `Bolt ${at}`));
    expect(choiceItems('', choices)).toHaveLength(500);
    expect(choiceItems('2999', choices).map(({ key }) => key)).toEqual(['2999']);
  });
});
