import { describe, expect, it } from 'vitest';

import type { Row } from '../bindings/app';
import { Tree } from './tree';

const row = (id: string, parent: string | null, order: string): Row => [id, parent, order, 'task', {}];

describe('Tree', () => {
  it('sorts siblings by order, then id, as ASCII', () => {
    const tree = new Tree([row('c', null, 'b'), row('b', null, 'a'), row('a', null, 'b'), row('d', null, 'Z')]);
    expect(tree.children(null)).toEqual(['d', 'b', 'a', 'c']);
  });

  it('keeps a node in one place when it moves', () => {
    const tree = new Tree([row('a', null, 'a'), row('b', null, 'b'), row('x', 'a', 'a')]);
    expect(tree.absorb([row('x', 'b', 'a')], [])).toBe(true);
    expect(tree.children('a')).toEqual([]);
    expect(tree.children('b')).toEqual(['x']);
  });

  it('says that the shape is the same when only values differ', () => {
    const tree = new Tree([row('a', null, 'a')]);
    expect(tree.absorb([['a', null, 'a', 'task', { title: { text: 'x' } }]], [])).toBe(false);
    expect(tree.nodes.get('a')?.values['title']).toEqual({ text: 'x' });
  });

  it('takes the same change twice without harm', () => {
    const tree = new Tree([row('a', null, 'a')]);
    const change: Row[] = [row('b', 'a', 'a'), row('c', 'a', 'b')];
    tree.absorb(change, []);
    tree.absorb(change, []);
    expect(tree.children('a')).toEqual(['b', 'c']);
  });

  it('forgets a subtree that was removed, in whichever order its rows are named', () => {
    const tree = new Tree([row('a', null, 'a'), row('b', 'a', 'a'), row('c', 'b', 'a')]);
    tree.absorb([], ['a', 'b', 'c']);
    expect(tree.nodes.size).toBe(0);
    expect(tree.children(null)).toEqual([]);
    expect(tree.children('b')).toEqual([]);
  });

  it('brings a removed subtree back', () => {
    const rows = [row('a', null, 'a'), row('b', 'a', 'a')];
    const tree = new Tree(rows);
    tree.absorb([], ['a', 'b']);
    tree.absorb(rows, []);
    expect(tree.children('a')).toEqual(['b']);
  });

  it('lifts children when their parent goes and they stay', () => {
    const tree = new Tree([row('a', null, 'a'), row('b', 'a', 'a')]);
    tree.absorb([row('b', null, 'a')], ['a']);
    expect(tree.children(null)).toEqual(['b']);
  });

  it('names the roots of a selection from top to bottom', () => {
    const tree = new Tree([row('a', null, 'a'), row('b', null, 'b'), row('x', 'a', 'a'), row('y', 'x', 'a')]);
    expect(tree.roots(['b', 'y', 'x'])).toEqual(['x', 'b']);
  });

  it('counts what stands beneath', () => {
    const tree = new Tree([row('a', null, 'a'), row('x', 'a', 'a'), row('y', 'x', 'a'), row('z', 'a', 'b')]);
    expect(tree.descendantCount('a')).toBe(3);
  });
});
