// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { createRawSnippet, flushSync, mount, tick, unmount, type Component } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import ContextMenu from './ContextMenu.svelte';
import Dialog from './Dialog.svelte';
import Menu from './Menu.svelte';
import Popover from './Popover.svelte';

vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));

let shown: Record<string, unknown>[];
beforeEach(() => {
  // No frame comes: the keyboard is not to wait for one.
  vi.stubGlobal('requestAnimationFrame', () => 0);
  document.body.innerHTML = '<button id="behind">Behind</button>';
  document.getElementById('behind')?.focus();
  shown = [];
});
afterEach(async () => {
  for (const component of shown) await unmount(component);
  document.body.replaceChildren();
});

async function open<P extends Record<string, unknown>>(panel: Component<P>, props: P): Promise<Element | null> {
  shown.push(mount(panel, { target: document.body, props }));
  flushSync();
  await tick();
  return document.activeElement;
}
const html = (text: string) => createRawSnippet(() => ({ render: () => text }));
const trigger = createRawSnippet<[Record<string, unknown>]>(() => ({ render: () => '<button>Trigger</button>' }));
const entries = [{ label: 'Copy', run() {} }];

function pageIsCovered(): boolean {
  flushSync();
  return document.getElementById('app')?.hasAttribute('data-covered') ?? false;
}

function showPage(): void {
  const page = document.body.appendChild(document.createElement('div'));
  page.id = 'app';
}

it('tells the page that it is covered, as long as any dialog is open', async () => {
  showPage();
  await open(Dialog, { open: true, title: 'First' });
  await open(Dialog, { open: true, title: 'Second' });
  for (const isCovered of [true, true, false]) {
    expect(pageIsCovered()).toBe(isCovered);
    const last = shown.pop();
    if (last) await unmount(last);
  }
});

it('tells the page that it is covered by a popover or a menu', async () => {
  showPage();
  const panels = [
    () => open(Popover, { open: true, trigger, children: html('<p>Text</p>') }),
    () => open(Menu, { open: true, trigger, entries }),
    () => open(ContextMenu, { at: { x: 0, y: 0 }, entries: () => entries }),
  ];
  for (const show of panels) {
    await show();
    expect(pageIsCovered()).toBe(true);
    for (const one of shown.splice(0)) await unmount(one);
    expect(pageIsCovered()).toBe(false);
  }
});

it('gives a dialog the keyboard before the next key', async () => {
  expect(await open(Dialog, { open: true, title: 'Name' })).toMatchObject({ ariaLabel: 'Close' });
});

it('gives it to what asks for it', async () => {
  const children = html('<input id="name" autofocus>');
  expect((await open(Dialog, { open: true, title: 'Name', children }))?.id).toBe('name');
});

it('gives a popover the keyboard before the next key', async () => {
  expect((await open(Popover, { open: true, trigger, children: html('<input id="search">') }))?.id).toBe('search');
});

it('gives a menu the keyboard before the next key', async () => {
  expect((await open(Menu, { open: true, trigger, entries }))?.closest('[role="menu"]')).not.toBeNull();
});

it('gives a menu at a point the keyboard before the next key', async () => {
  const active = await open(ContextMenu, { at: { x: 0, y: 0 }, entries: () => entries });
  expect(active?.closest('[role="menu"]')).not.toBeNull();
});
