// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { outlineOf } from './outline.svelte';

let application: FakeApplication;
let project: Project;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a'), row('b', null, 'b')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
});
afterEach(() => vi.unstubAllGlobals());

const commands = () => application.asked.flatMap((request) => (request.kind === 'apply' ? [request.command] : []));

it('follows the project', () => {
  const outline = outlineOf(project);
  expect(outline.rows.ids).toEqual(['a', 'b']);
  project.absorb(application.changed([row('c', 'a', 'a')]));
  expect(outline.rows.ids).toEqual(['a', 'c', 'b']);
  project.setFolded(['a'], true);
  expect(outline.rows.ids).toEqual(['a', 'b']);
});

it('works out rows and columns once, whatever else is remembered', () => {
  const outline = outlineOf(project);
  const { rows, columns } = outline;
  project.layout.put('inspectorSize', 30);
  expect(outline.rows).toBe(rows);
  expect(outline.columns).toBe(columns);
});

it('creates nothing until a title is entered', async () => {
  const outline = outlineOf(project);
  outline.startDraft('task', { parent: null, at: { after: 'a' } });
  expect(outline.rows.ids).toEqual(['a', outline.draft?.id, 'b']);
  await outline.commitDraft('  ', true);
  expect(outline.draft).toBeNull();
  expect(commands()).toEqual([]);
});

it('creates with the title in one command, and opens the next row beneath', async () => {
  const outline = outlineOf(project);
  outline.startDraft('task', { parent: null, at: { after: 'a' } });
  const id = outline.draft?.id ?? '';
  const sent = outline.commitDraft('New', true);
  // The node has not arrived: the next row waits where this one was.
  expect(outline.rows.ids).toEqual(['a', outline.draft?.id, 'b']);
  project.absorb(application.changed([row(id, null, 'aa', 'New')]));
  expect(outline.rows.ids).toEqual(['a', id, outline.draft?.id, 'b']);
  await sent;
  expect(commands()).toEqual([
    { kind: 'createNode', node: id, nodeType: 'task', place: { parent: null, at: { after: 'a' } }, values: [['title', { text: 'New' }]] },
  ]);
});

it('moves a draft in and out', () => {
  const outline = outlineOf(project);
  outline.startDraft('task', { parent: null, at: { after: 'a' } });
  outline.shiftDraft(true, 'typed');
  expect(outline.draft).toMatchObject({ place: { parent: 'a', at: 'last' }, text: 'typed' });
  outline.shiftDraft(false, 'typed');
  expect(outline.draft?.place).toEqual({ parent: null, at: { after: 'a' } });
});

it('sends no command for a title that is the same', async () => {
  await outlineOf(project).commitRename('a', 'a');
  expect(commands()).toEqual([]);
});

it('shows what was typed into a row that somebody else has deleted', async () => {
  const outline = outlineOf(project);
  outline.rename('b');
  project.absorb(application.changed([], ['b']));
  await outline.commitRename('b', 'A long thought');
  expect(commands()).toEqual([]);
  expect(toasts.current?.details).toEqual(['A long thought']);
});
