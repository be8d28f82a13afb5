// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { endEarlyKeys, keepEarlyKey } from '../../kit';
import { setProject } from '../../project/context';
import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { outlineOf, type Outline } from './outline.svelte';
import View from './View.svelte';

let project: Project;
let outline: Outline;
let view: Record<string, unknown> | null;

beforeEach(async () => {
  const application = new FakeApplication();
  application.rows = [row('front', null, 'a'), row('fork', null, 'b')];
  vi.stubGlobal('fetch', application.fetch);
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  window.addEventListener('keydown', keepEarlyKey, true);
  window.addEventListener('focusin', endEarlyKeys);
  project = new Project('p');
  await project.load();
  outline = outlineOf(project);
  view = null;
});
afterEach(async () => {
  if (view) await unmount(view);
  window.removeEventListener('keydown', keepEarlyKey, true);
  window.removeEventListener('focusin', endEarlyKeys);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

function show(): void {
  const InProject: typeof View = (...parts) => {
    setProject(project);
    return View(...parts);
  };
  view = mount(InProject, { target: document.body });
  flushSync();
}
function press(...keys: string[]): void {
  for (const key of keys) document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  flushSync();
}
const field = () => document.querySelector<HTMLInputElement>('[data-testid="find-input"]');
const grid = () => document.querySelector('[data-testid="outline-grid"]');

it('gives the keyboard to the field when find is opened from another view', () => {
  outline.find.show();
  show();
  expect(document.activeElement).toBe(field());
});

it('comes to its view wherever it is asked for', () => {
  project.show('graph');
  outline.find.show();
  expect(project.view).toBe('outline');
});

it('gives the field what is typed while its view is on the way', () => {
  outline.find.query = 'before';
  outline.find.show();
  press('f', 'o', 'Enter', 'Delete');
  show();
  expect(field()?.value).toBe('fo');
  expect([field()?.selectionStart, field()?.selectionEnd]).toEqual([2, 2]);
});

it('gives the field what is typed before it has the keyboard', () => {
  show();
  project.selection.only('fork');
  outline.find.show();
  press('f', 'r');
  expect(field()?.value).toBe('fr');
  expect(document.activeElement).toBe(field());
  expect(project.selection.focus).toBe('fork');
});

it('offers what was looked for before to be replaced', () => {
  outline.find.query = 'before';
  outline.find.show();
  show();
  expect([field()?.selectionStart, field()?.selectionEnd]).toEqual([0, 6]);
});

it('goes back to the open field', () => {
  outline.find.show();
  show();
  outline.focusGrid();
  expect(document.activeElement).toBe(grid());
  outline.find.show();
  expect(document.activeElement).toBe(field());
  press('ArrowLeft');
  outline.focusGrid();
  press('f');
  expect(project.selection.focus).toBe('front');
});

it('is not opened after Escape on the way', () => {
  outline.find.show();
  press('f', 'Escape');
  show();
  expect(field()).toBeNull();
  expect(document.activeElement).toBe(grid());
});

it('leaves the keyboard to the rows of a view that is shown again', () => {
  outline.find.open = true;
  show();
  expect(document.activeElement).toBe(grid());
});
