// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
const { desk } = await import('./desk.svelte');
const { actions } = await import('../project/actions.svelte');
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

it('gives the keyboard back first, so that what was chosen can take it', async () => {
  const [before, wanted] = [document.createElement('input'), document.createElement('button')];
  document.body.append(before, wanted);
  before.focus();
  const returned = vi.fn();
  before.addEventListener('focus', returned);
  const done = new Promise<void>((resolve) => {
    const run = () => (expect(document.activeElement).toBe(before), wanted.focus(), resolve());
    actions.asking = { id: 'go', title: 'Go to…', group: 'Go to', choices: () => [{ key: 'there', title: 'There', run }] };
  });
  await tick();
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  await done;
  await tick();
  expect(returned).toHaveBeenCalledOnce();
  expect(document.activeElement).toBe(wanted);
});
