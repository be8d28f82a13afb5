// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
const { desk } = await import('./desk.svelte');
const { default: Palette } = await import('./Palette.svelte');

let palette: Record<string, unknown>;

beforeEach(() => {
  // No frame comes: the keyboard is not to wait for one.
  vi.stubGlobal('requestAnimationFrame', () => 0);
  palette = mount(Palette, { target: document.body });
});
afterEach(async () => {
  desk.palette = null;
  await unmount(palette);
});

it('gives the palette the keyboard before the next key', async () => {
  desk.palette = '>';
  await tick();
  expect(document.activeElement).toMatchObject({ value: '>', dataset: { testid: 'palette-input' } });
});
