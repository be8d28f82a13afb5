// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

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
  project = new Project('p');
  await project.load();
  outline = outlineOf(project);
  view = null;
});
afterEach(async () => {
  if (view) await unmount(view);
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

it('gives the field the keyboard before the next key', async () => {
  show();
  outline.find.show();
  await tick();
  expect(document.activeElement).toBe(field());
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

it('leaves the keyboard to the rows of a view that is shown again', () => {
  outline.find.open = true;
  show();
  expect(document.activeElement).toBe(grid());
});

it('says when there is more than is shown', async () => {
  const hits = Array.from({ length: 500 }, (_, at) => ({ node: at < 250 ? 'front' : 'fork', field: 'title', excerpt: '' }));
  const answer = vi.fn(async (_url: string, _request: { body: string }) => ({ text: async () => JSON.stringify({ ok: { kind: 'hits', hits } }) }));
  vi.stubGlobal('fetch', answer);
  outline.find.show();
  show();
  await outline.find.search('f');
  flushSync();
  expect(JSON.parse(answer.mock.lastCall?.[1].body ?? '')).toMatchObject({ kind: 'find', limit: 500 });
  const said = () => document.querySelector('[data-testid="find-count"]')?.textContent;
  expect(said()).toBe('2 or more found');
  project.selection.only('fork');
  flushSync();
  expect(said()).toBe('2 of 2 or more');
  hits.pop();
  await outline.find.search('f');
  flushSync();
  expect(said()).toBe('2 of 2');
});
