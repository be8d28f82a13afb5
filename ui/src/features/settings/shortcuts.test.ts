import { expect, it } from 'vitest';
import { bind, clash, keysOf, unbind, type Bound } from './shortcuts';

const undo: Bound = { id: 'edit.undo', keys: ['Mod+Z'] };
const redo: Bound = { id: 'edit.redo', keys: ['Mod+Shift+Z', 'Mod+Y'] };
const fit: Bound = { id: 'graph.fit', keys: ['0'], scope: 'graph' };
const all = [undo, redo, fit];

it('prefers what the person chose, also nothing', () => {
  expect(keysOf(redo, {})).toEqual(['Mod+Shift+Z', 'Mod+Y']);
  expect(keysOf(redo, { 'edit.redo': 'Mod+R' })).toEqual(['Mod+R']);
  expect(keysOf(redo, { 'edit.redo': '' })).toEqual([]);
});

it('finds who else has a shortcut in the same place', () => {
  expect(clash(all, undo, 'Mod+Y', {})?.id).toBe('edit.redo');
  expect(clash(all, undo, 'Mod+Z', {})).toBeUndefined();
  expect(clash(all, undo, '0', {})).toBeUndefined();
  expect(clash(all, undo, 'Mod+Y', { 'edit.redo': 'F9' })).toBeUndefined();
});

it('takes a shortcut away from the other', () => {
  const own = bind(all, undo, 'Mod+Y', {});
  expect(own).toEqual({ 'edit.undo': 'Mod+Y', 'edit.redo': '' });
  expect(keysOf(redo, own)).toEqual([]);
});

it('stores nothing for the default', () => {
  expect(bind(all, undo, 'Mod+Z', { 'edit.undo': 'F5' })).toEqual({});
  expect(unbind(undo, { 'edit.undo': 'F5', other: 'F6' })).toEqual({ other: 'F6' });
});
