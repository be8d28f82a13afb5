// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { actionsOf } from './actions';
import { clipboard } from './clipboard.svelte';
import { Drag } from './drag.svelte';
import { optionMenu } from './menus';
import { outlineOf } from './outline.svelte';

let application: FakeApplication;
let project: Project;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a'), row('b', null, 'b')];
  application.room.share('commenter');
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await Promise.all([project.load(), project.membership.begin()]);
  toasts.dismiss();
});
afterEach(() => vi.unstubAllGlobals());

const applied = () => application.asked.filter(({ kind }) => kind === 'apply');
const WHY = 'write comments';

it('opens no row and no title to type in, and says why', () => {
  const outline = outlineOf(project);
  outline.startDraft('task', { parent: null, at: 'last' });
  expect(outline.draft).toBeNull();
  expect(toasts.current?.text).toContain(WHY);
  outline.rename('a');
  expect(outline.renaming).toBeNull();
});

it('drags nothing', () => {
  const pane = document.createElement('div');
  const drag = new Drag(project, () => 28, () => pane, () => pane);
  drag.press('a', new MouseEvent('pointerdown', { clientX: 0, clientY: 0 }) as PointerEvent);
  drag.move(new MouseEvent('pointermove', { clientX: 0, clientY: 90 }) as PointerEvent);
  expect(drag.now).toBeNull();
  expect(drag.release()).toBe(false);
  expect(applied()).toEqual([]);
});

it('pastes nothing, and says why', async () => {
  await clipboard.pasteAny(project, 'From another program');
  expect(applied()).toEqual([]);
  expect(toasts.current?.text).toContain(WHY);
});

it('offers no option to choose', () => {
  application.rows = [];
  const entries = optionMenu(project, 'a', 'title');
  expect(entries).toMatchObject([{ unavailable: expect.stringContaining(WHY) }]);
});

it('marks every action that changes nodes as one that needs the right to', () => {
  const changing = ['node.addSibling', 'node.addChild', 'node.rename', 'node.moveUp', 'node.moveDown', 'node.indent', 'node.outdent', 'node.cut', 'node.paste', 'node.duplicate', 'node.trash', 'node.status', 'node.convert', 'node.moveTo', 'kit.save', 'kit.insert', 'kit.remove'];
  const needing = actionsOf(project).filter(({ needs }) => needs === 'write').map(({ id }) => id);
  expect(needing.toSorted()).toEqual(changing.toSorted());
  expect(actionsOf(project).find(({ id }) => id === 'node.copy')?.needs).toBeUndefined();
});
