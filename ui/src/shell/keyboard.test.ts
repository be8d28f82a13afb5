// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { keepEarlyKey } from '../kit';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
const { desk } = await import('./desk.svelte');
const { noteFocus } = await import('./keyboard');
const { default: Palette } = await import('./Palette.svelte');

let grid: HTMLElement;
let pressed: string[];
let palette: Record<string, unknown>;

beforeEach(() => {
  pressed = [];
  grid = document.createElement('div');
  grid.tabIndex = 0;
  grid.addEventListener('keydown', ({ key }) => pressed.push(key));
  document.body.append(grid);
  window.addEventListener('keydown', keepEarlyKey, true);
  window.addEventListener('focusin', noteFocus);
  palette = mount(Palette, { target: document.body });
  grid.focus();
});
afterEach(async () => {
  desk.palette = null;
  await unmount(palette);
  window.removeEventListener('keydown', keepEarlyKey, true);
  window.removeEventListener('focusin', noteFocus);
  document.body.replaceChildren();
});

/** Presses keys where the keyboard is. */
function press(...keys: (string | KeyboardEventInit)[]): void {
  for (const key of keys) {
    const init = typeof key === 'string' ? { key } : key;
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
  }
  flushSync();
}
const shown = () => document.querySelector<HTMLInputElement>('[data-testid="palette-input"]')?.value;

it('gives the palette what is typed before it has the keyboard', () => {
  desk.openPalette('');
  press('f', 'o', ' ');
  expect(shown()).toBe('fo ');
  press({ key: '@', ctrlKey: true, altKey: true, modifierAltGraph: true }, 'L');
  expect(shown()).toBe('fo @L');
  expect(pressed).toEqual([]);
});

it('types behind what the palette starts with', () => {
  desk.openPalette('>');
  press('u');
  expect(shown()).toBe('>u');
});

it('lets nothing act where the keyboard was', () => {
  desk.openPalette('');
  press('Enter', 'ArrowDown', 'Delete', 'Tab', 'F2', { key: 'Enter', ctrlKey: true });
  expect(pressed).toEqual([]);
  expect(shown()).toBe('');
});

it('closes the palette by Escape before it has the keyboard', () => {
  desk.openPalette('');
  press('f', 'Escape');
  expect(desk.palette).toBeNull();
  press('ArrowDown');
  expect(pressed).toEqual(['ArrowDown']);
});

it('gives the keys back when nothing takes the keyboard', () => {
  vi.useFakeTimers();
  desk.openPalette('');
  vi.advanceTimersByTime(5_000);
  press('f');
  expect(pressed).toEqual(['f']);
  vi.useRealTimers();
});

it('leaves the keys alone once something has the keyboard', () => {
  desk.openPalette('');
  flushSync();
  document.querySelector<HTMLInputElement>('[data-testid="palette-input"]')?.focus();
  press('f');
  expect(shown()).toBe('');
  desk.openPalette('>');
  press('f');
  expect(shown()).toBe('>');
});
