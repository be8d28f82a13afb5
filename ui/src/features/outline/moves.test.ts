import { describe, expect, it } from 'vitest';

import { rowsOf, treeOf } from './fixture';
import { choose, range, step, typeAhead } from './moves';

const rows = rowsOf(treeOf('phase A\nphase B\nphase C\nphase D'));
const now = (ids: string[], anchor: string | null) => ({ ids: new Set(ids), anchor });

describe('step', () => {
  it('stops at the ends', () => {
    expect(step(rows, 'A', -1)).toBe('A');
    expect(step(rows, 'C', 5)).toBe('D');
    expect(step(rows, 'B', -Infinity)).toBe('A');
  });

  it('starts at an end when nothing has the focus', () => {
    expect(step(rows, null, 1)).toBe('A');
    expect(step(rows, 'gone', -1)).toBe('D');
    expect(step(rows, null, -Infinity)).toBe('A');
    expect(step(rows, null, Infinity)).toBe('D');
    expect(step(rowsOf(treeOf('')), null, 1)).toBeNull();
  });
});

describe('choose', () => {
  it('selects one row alone', () => {
    expect(choose(rows, now(['A', 'B'], 'A'), 'C', { shift: false, mod: false })).toEqual({ ids: ['C'], focus: 'C', anchor: 'C' });
  });

  it('extends from the anchor in both directions', () => {
    expect(choose(rows, now(['C'], 'C'), 'A', { shift: true, mod: false })).toEqual({ ids: ['A', 'B', 'C'], focus: 'A', anchor: 'C' });
    expect(choose(rows, now(['A', 'B', 'C'], 'C'), 'D', { shift: true, mod: false }).ids).toEqual(['C', 'D']);
  });

  it('adds and takes away single rows', () => {
    expect(choose(rows, now(['A'], 'A'), 'C', { shift: false, mod: true }).ids).toEqual(new Set(['A', 'C']));
    expect(choose(rows, now(['A', 'C'], 'C'), 'A', { shift: false, mod: true }).ids).toEqual(new Set(['C']));
  });

  it('adds a range to what is selected', () => {
    expect(choose(rows, now(['A', 'C'], 'C'), 'D', { shift: true, mod: true }).ids).toEqual(new Set(['A', 'C', 'D']));
  });
});

it('takes a range to be one row when its start is gone', () => {
  expect(range(rows, 'gone', 'B')).toEqual(['B']);
});

describe('typeAhead', () => {
  const titles: Record<string, string> = { A: 'Éclair', B: 'Brakes', C: 'Bracket', D: 'Axle' };
  const find = (focus: string | null, typed: string) => typeAhead(rows, (id) => titles[id] ?? '', focus, typed);

  it('looks onwards from the focus, and round', () => {
    expect(find('B', 'b')).toBe('C');
    expect(find('C', 'b')).toBe('B');
    expect(find(null, 'a')).toBe('D');
  });

  it('narrows while one types on', () => {
    expect(find('B', 'bra')).toBe('B');
    expect(find('B', 'brac')).toBe('C');
  });

  it('walks with a repeated letter', () => {
    expect(find('B', 'bb')).toBe('C');
  });

  it('does not mind case and accents', () => {
    expect(find('B', 'E')).toBe('A');
    expect(find('B', 'zz')).toBeNull();
  });
});
