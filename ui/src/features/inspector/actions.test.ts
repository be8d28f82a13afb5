// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Command } from '../../bindings/graph';
import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { actionsOf } from './actions';

let application: FakeApplication;
let project: Project;
let shown = 0;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a', 'Roof'), row('b', 'a', 'a', 'Tiles'), row('c', null, 'b', 'Door')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  shown = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const action = (id: string) => actionsOf(project, () => void shown++).find((one) => one.id === id);
const choices = (id: string) => action(id)?.choices?.() ?? [];
const last = () => application.asked.flatMap((request): Command[] => (request.kind === 'apply' ? [request.command] : [])).at(-1);

it('links to any other node, in the direction that its name says', async () => {
  project.selection.only('b');
  expect(choices('link.blocks').map(({ key }) => key)).toEqual(['a', 'c']);
  await choices('link.blockedBy')[1]?.run();
  expect(last()).toMatchObject({ kind: 'link', relation: 'finishToStart', from: 'c', to: 'b' });
  await choices('link.blocks')[1]?.run();
  expect(last()).toMatchObject({ relation: 'finishToStart', from: 'b', to: 'c' });
  await choices('link.relatesTo')[0]?.run();
  expect(last()).toMatchObject({ relation: 'relatesTo', from: 'b', to: 'a' });
});

it('names every link of the node by its side, and removes the one that is taken', async () => {
  project.selection.only('b');
  expect(action('link.remove')?.unavailable?.()).toBe('This item has no links');
  const link = (id: string, from: string, to: string, relation: 'finishToStart' | 'relatesTo' = 'finishToStart') => ({ id, from, to, relation, lag: 0 });
  project.absorb({ ...application.changed([]), links: [link('1', 'a', 'b'), link('2', 'b', 'c'), link('3', 'b', 'c', 'relatesTo')] });
  expect(choices('link.remove').map(({ title }) => title)).toEqual(['Is blocked by: Roof', 'Blocks: Door', 'Relates to: Door']);
  await choices('link.remove')[1]?.run();
  expect(last()).toEqual({ kind: 'unlink', links: ['2'] });
});

it('is about one node', () => {
  for (const id of ['link.blocks', 'link.remove', 'node.comment', 'node.fix']) {
    project.selection.only(null);
    expect(action(id)?.unavailable?.()).toBe('Select one item first');
    project.selection.set(['a', 'c'], 'a', 'a');
    expect(action(id)?.unavailable?.()).toBe('Select one item first');
  }
  expect(action('node.comment')?.needs).toBe('comment');
});

it('brings the inspector to sight and gives the keyboard to where a comment is written', async () => {
  const box = document.createElement('textarea');
  box.dataset['testid'] = 'comment-new';
  box.scrollIntoView = () => {};
  const inspector = document.createElement('aside');
  inspector.dataset['testid'] = 'inspector';
  document.body.append(inspector);
  project.selection.only('a');
  const done = action('node.comment')?.run?.();
  // The parts of an inspector come one after the other.
  inspector.append(box);
  await done;
  expect(shown).toBe(1);
  expect(document.activeElement).toBe(box);
});

it('offers the ways out of what is wrong with the node', async () => {
  project.selection.only('a');
  expect(action('node.fix')?.unavailable?.()).toBe('Nothing is wrong with this item');
  const command: Command = { kind: 'trashNodes', nodes: ['b'] };
  const problem = { kind: 'typeNotAllowed', node: 'a', field: null, link: null, others: [], message: 'It may not stand there.', sides: [], fixes: [{ label: 'Move it', command }] } as const;
  project.absorb({ ...application.changed([]), problems: [{ ...problem, others: [], sides: [], fixes: [...problem.fixes] }] });
  expect(choices('node.fix').map(({ title, place }) => [title, place?.()])).toEqual([['Move it', 'It may not stand there.']]);
  await choices('node.fix')[0]?.run();
  expect(last()).toEqual(command);
});

it('offers every currency, and says which is in force', async () => {
  const offered = choices('project.currency');
  expect(offered.filter(({ checked }) => checked).map(({ key }) => key)).toEqual(['EUR']);
  await offered.find(({ title }) => title.startsWith('NOK'))?.run();
  expect(last()).toEqual({ kind: 'setProject', name: null, currency: 'NOK' });
});
