import { describe, expect, it } from 'vitest';

import type { Action } from '../project/actions.svelte';
import { paletteItems, type Offer } from './palette';

const action = (id: string, title: string, reason: string | null = null) => ({
  action: { id, title, group: 'Edit', run() {} } as Action, title, reason,
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
