import { describe, expect, it } from 'vitest';

import { dropAt } from './drop';
import { definitions, rowsOf, treeOf } from './fixture';

const tree = treeOf(`
phase A
  job B
    task C
    task D
  job E
phase F`);

const on = (moving: string[], folded: string[] = []) => ({
  rows: rowsOf(tree, folded), tree, definitions, root: null, moving,
  isFolded: (id: string) => folded.includes(id),
});

describe('dropAt', () => {
  it('drops after the sibling above', () => {
    const drop = dropAt(on(['C']), 4, 3);
    expect(drop).toEqual({ gap: 4, level: 3, place: { parent: 'B', at: { after: 'D' } }, refusal: null });
  });

  it('chooses the depth by indentation where several are possible', () => {
    // Beneath D, above E: a job can stand beside B or beneath it, not beneath a task.
    expect(dropAt(on(['E']), 4, 2).place).toEqual({ parent: 'A', at: { after: 'B' } });
    expect(dropAt(on(['E']), 4, 3).place).toEqual({ parent: 'B', at: { after: 'D' } });
    expect(dropAt(on(['E']), 4, 4).level).toBe(3);
  });

  it('moves to the nearest depth that the template allows', () => {
    const drop = dropAt(on(['C']), 5, 1);
    expect(drop.refusal).toBeNull();
    expect(drop.place).toEqual({ parent: 'E', at: 'first' });
  });

  it('says why nothing is possible', () => {
    const drop = dropAt(on(['C']), 0, 1);
    expect(drop.refusal).toBe('Task cannot stand at the top. Allowed: Phase.');
  });

  it('refuses a place within what is moved', () => {
    expect(dropAt(on(['B']), 3, 3).refusal).toBe('An item cannot be moved into itself.');
  });

  it('drops at the end of a folded node', () => {
    expect(dropAt(on(['E'], ['B']), 2, 3).place).toEqual({ parent: 'B', at: 'last' });
  });

  it('drops before everything', () => {
    expect(dropAt(on(['F']), 0, 1).place).toEqual({ parent: null, at: 'first' });
  });

  it('names a neighbour that stays', () => {
    // D stands above the gap but moves itself.
    expect(dropAt(on(['D']), 4, 3).place).toEqual({ parent: 'B', at: { after: 'C' } });
  });
});
