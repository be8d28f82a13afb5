// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Command } from '../../bindings/graph';
import { actions } from '../../project/actions.svelte';
import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { actionsOf } from './actions';
import { kitNamed, saveKit } from './kits.svelte';
import { nodeMenu } from './menus';

let application: FakeApplication;
let project: Project;
let leave: () => void;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a', 'Roof'), row('b', 'a', 'a', 'Tiles'), row('c', null, 'b', 'Roof')];
  application.kits = { k1: 'Window', k2: 'Door' };
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  leave = actions.register(actionsOf(project));
  toasts.dismiss();
});
afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

const choices = (id: string) => actions.get(id)?.choices?.() ?? [];
const applied = () => application.asked.flatMap((request): Command[] => (request.kind === 'apply' ? [request.command] : []));
async function take(id: string, key: string) {
  await choices(id).find((choice) => choice.key === key)?.run();
  return applied().at(-1);
}

it('offers to stand beneath whatever may take it, and nothing of itself', async () => {
  project.selection.only('a');
  expect(choices('node.moveTo').map(({ key }) => key)).toEqual(['top', 'c']);
  project.selection.only('b');
  expect(choices('node.moveTo').map(({ key }) => key)).toEqual(['top', 'a', 'c']);
  expect(await take('node.moveTo', 'c')).toEqual({ kind: 'moveNodes', nodes: ['b'], place: { parent: 'c', at: 'last' } });
});

it('moves several as one step, and only those that do not go along anyway', async () => {
  project.selection.set(['a', 'b'], 'a', 'a');
  expect(await take('node.moveTo', 'c')).toMatchObject({ kind: 'moveNodes', nodes: ['a'] });
});

it('tells nodes of one name apart by where they stand', () => {
  project.selection.only('c');
  const titles = choices('node.moveTo').map(({ title, place }) => [title, place?.()]);
  expect(titles).toEqual([['Test', 'At the top'], ['Roof', ''], ['Tiles', 'Roof']]);
});

it('says what is missing where nothing can be chosen', () => {
  expect(actions.unavailable('node.moveTo')).toBe('Select an item first');
  expect(actions.unavailable('kit.save')).toBe('Select an item first');
  project.selection.only('a');
  expect(actions.unavailable('node.convert')).toBe('No other type fits here');
  expect(actions.unavailable('node.status')).toBe('Items of this type have no status');
  expect(actions.unavailable('kit.insert')).toBeNull();
});

it('lists kits by name and inserts one beside the row', async () => {
  expect(choices('kit.insert').map(({ title }) => title)).toEqual(['Door', 'Window']);
  project.selection.only('b');
  expect(await take('kit.insert', 'k1')).toMatchObject({ kind: 'applyKit', kit: 'k1', place: { parent: 'a', at: { after: 'b' } } });
  expect(await take('kit.remove', 'k2')).toEqual({ kind: 'removeKit', kit: 'k2' });
});

it('tries beneath the row too, and gives the reason of the first place where neither takes the kit', async () => {
  application.failing.apply = { code: 'TYPE_NOT_ALLOWED', message: 'Door cannot stand there.', detail: null };
  project.selection.only('b');
  actions.choiceItem(choices('kit.insert')[0]!).run();
  await vi.waitFor(() => expect(toasts.current?.text).toContain('Door cannot stand there'));
  expect(applied().map((command) => 'place' in command && command.place.parent)).toEqual(['a', 'b']);
});

it('replaces the kit of the same name, whatever the case', async () => {
  expect([kitNamed(application.kits, ' door '), kitNamed(application.kits, 'Doors')]).toEqual(['k2', null]);
  await saveKit(project, ' DOOR', ['b']);
  expect(applied()).toEqual([{ kind: 'saveKit', kit: 'k2', name: 'DOOR', nodes: ['b'] }]);
  await saveKit(project, 'Gate', ['b']);
  expect(Object.keys(application.kits)).not.toContain((applied()[1] as { kit: string }).kit);
});

it('asks for a choice when such an action is run, and for nothing when it cannot be done', () => {
  actions.run('node.moveTo');
  expect(actions.asking).toBeNull();
  project.selection.only('b');
  actions.run('node.moveTo');
  expect(actions.asking?.id).toBe('node.moveTo');
  actions.asking = null;
});

it('shows short lists to the side of the menu of a row', () => {
  project.selection.only('a');
  const kits = nodeMenu().find((item) => typeof item === 'object' && 'testid' in item && item.testid === 'menu-kits');
  expect(kits).toMatchObject({
    items: [{ heading: 'Insert' }, { label: 'Door', testid: 'kit-Door' }, { label: 'Window' }, 'line', { label: 'Save as kit…' }, { label: 'Remove kit…' }],
  });
  expect(actions.submenu('kit.insert')).toMatchObject({ label: 'Insert kit', unavailable: null });
});

it('offers no kit in a menu while none can be inserted', () => {
  application.kits = {};
  project.absorb({ ...application.changed([]), frame: { ...project.frame, kits: {} } });
  const kits = nodeMenu().find((item) => typeof item === 'object' && 'testid' in item && item.testid === 'menu-kits');
  expect(kits).toMatchObject({ items: [{ label: 'Save as kit…' }, { label: 'Remove kit…', unavailable: expect.stringContaining('no kit') }] });
});
