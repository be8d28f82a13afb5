// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { setProject } from '../../project/context';
import { FakeApplication, row, settle } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { outlineOf, type Outline } from './outline.svelte';
import View from './View.svelte';

let project: Project;
let outline: Outline;
let view: Record<string, unknown> | null;

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  await load([row('front', null, 'a'), row('fork', null, 'b')]);
  view = null;
});

async function load(rows: FakeApplication['rows']): Promise<void> {
  const application = new FakeApplication();
  application.rows = rows;
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  outline = outlineOf(project);
}
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

/** Answers every search with these, and everything else as before. */
function finding(hits: () => { node: string; field: string | null; excerpt: string }[]): void {
  const before = globalThis.fetch as unknown as FakeApplication['fetch'];
  vi.stubGlobal('fetch', async (url: string, request: { body: string }) =>
    JSON.parse(request.body).kind === 'find' ? { text: async () => JSON.stringify({ ok: { kind: 'hits', hits: hits() } }) } : before(url, request));
}
const inTitle = (node: string) => ({ node, field: 'title', excerpt: node });
async function typeInto(text: string): Promise<void> {
  const input = field()!;
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}

it('shows the next hit while one types, and the keyboard stays', async () => {
  finding(() => ['fork', 'front'].map(inTitle));
  show();
  project.selection.only('fork');
  outline.find.show();
  await tick();
  await typeInto('f');
  expect([project.selection.focus, document.activeElement]).toEqual(['fork', field()]);
  press('Enter');
  expect(project.selection.focus).toBe('front');
  project.selection.only(null);
  await typeInto('fo');
  expect(project.selection.focus).toBe('front');
});

it('goes on from a row that is no hit, in both directions', async () => {
  await load([row('front', null, 'a'), row('mid', null, 'b'), row('fork', null, 'c')]);
  finding(() => ['fork', 'front'].map(inTitle));
  show();
  outline.find.show();
  await tick();
  await outline.find.search('f');
  for (const [delta, hit] of [[1, 'fork'], [-1, 'front']] as const) {
    project.selection.only('mid');
    outline.find.go(delta);
    expect(project.selection.focus).toBe(hit);
  }
});

it('closes again what was opened for half a word', async () => {
  await load([row('front', null, 'a'), row('hub', 'front', 'a'), row('fork', null, 'b')]);
  project.setFolded(['front'], true);
  let hit = 'hub';
  finding(() => [inTitle(hit)]);
  show();
  outline.find.show();
  await tick();
  await typeInto('h');
  expect([project.selection.focus, project.fold.isFolded('front')]).toEqual(['hub', false]);
  hit = 'fork';
  await typeInto('ho');
  expect([project.selection.focus, project.fold.isFolded('front')]).toEqual(['fork', true]);
  hit = 'hub';
  await typeInto('hub');
  press('Enter');
  hit = 'fork';
  await typeInto('f');
  expect(project.fold.isFolded('front')).toBe(false);
});

it('stays in the branch that is shown until one goes on', async () => {
  await load([row('front', null, 'a'), row('hub', 'front', 'a'), row('fork', null, 'b')]);
  project.setRoot('front');
  finding(() => [inTitle('fork')]);
  show();
  outline.find.show();
  await tick();
  await typeInto('fo');
  expect([project.root, project.selection.focus]).toEqual(['front', null]);
  press('Enter');
  expect([project.root, project.selection.focus]).toEqual([null, 'fork']);
});

it('says where the words are, if not in the title', async () => {
  const place = () => document.querySelector('[data-testid="find-place"]')?.textContent ?? null;
  finding(() => [inTitle('front'), { node: 'fork', field: null, excerpt: '…the sill' }]);
  show();
  outline.find.show();
  await tick();
  await typeInto('s');
  expect(place()).toBe(null);
  press('Enter');
  expect(place()).toBe('in a comment: …the sill');
});

it('leaves the keyboard to what one can do where there are no rows', async () => {
  show();
  project.setRoot('front');
  flushSync();
  expect(document.activeElement?.textContent).toContain('Task');
});
