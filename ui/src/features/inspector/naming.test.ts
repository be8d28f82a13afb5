// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { Naming } from './naming.svelte';

const people = ['Ana Lima', 'Bo', 'Bo Anders'].map((name) => ({ name, colour: '#888888' }));
let area: HTMLTextAreaElement;
let naming: Naming;

beforeEach(() => {
  area = document.body.appendChild(document.createElement('textarea'));
  naming = new Naming(
    () => people,
    (text, caret) => put(text, caret),
  );
});
afterEach(() => area.remove());

/** What the field does on its own. */
function put(text: string, caret = text.length): void {
  area.value = text;
  area.setSelectionRange(caret, caret);
  naming.look(area);
  flushSync();
}

const press = (key: string, more: KeyboardEventInit = {}) => {
  const used = naming.press(new KeyboardEvent('keydown', { key, ...more }), area.value);
  flushSync();
  return used;
};
const offered = () => naming.offered.map(({ name }) => name);

it('offers who could be meant, and takes the chosen one', () => {
  put('Ask @');
  expect(offered()).toEqual(['Ana Lima', 'Bo', 'Bo Anders']);
  expect(press('ArrowUp')).toBe(true);
  expect(press('Enter')).toBe(true);
  expect(area.value).toBe('Ask @Bo Anders ');
  expect(offered()).toEqual([]);
});

it('offers no longer name once a shorter one was taken, so that Enter ends the line', () => {
  put('@bo');
  press('Tab');
  expect(area.value).toBe('@Bo ');
  expect(offered()).toEqual([]);
  expect(press('Enter')).toBe(false);
  put('@Bo @');
  expect(offered()).toHaveLength(3);
});

it('stays closed at the @ where it was closed, and leaves other keys to the field', () => {
  put('@a');
  expect(press('Enter', { ctrlKey: true })).toBe(false);
  expect(press('x')).toBe(false);
  expect(press('Escape')).toBe(true);
  put('@an');
  expect(offered()).toEqual([]);
  expect(press('Escape')).toBe(false);
});
