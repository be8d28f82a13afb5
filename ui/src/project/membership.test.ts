// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Members } from '../bindings/app';
import { actions } from './actions.svelte';
import { app } from './app.svelte';
import { FakeApplication, row } from './fake_application';
import { memberDevice } from './fake_room';
import { Project } from './project.svelte';
import { toasts } from './toasts.svelte';

let application: FakeApplication;
let project: Project;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
});
afterEach(() => {
  app.phase = { kind: 'welcome' };
  vi.unstubAllGlobals();
});

const members = (rest: Partial<Members>): Members => ({ isOpen: false, role: 'viewer', isWaiting: false, devices: [], former: [], invitations: [], isKeyDue: false, ...rest });

it('knows what this computer may once it has asked', async () => {
  expect(project.whyNotWrite).toBeNull();
  application.room.share('commenter');
  await project.membership.begin();
  expect(project.whyNotWrite).toContain('write comments');
  expect(project.whyNotComment).toBeNull();
});

it('knows that nothing is to be changed before an update', () => {
  const needsUpdate = { code: 'NEEDS_UPDATE', message: 'Update first.', detail: null };
  project.absorb({ ...application.changed([]), frame: { ...project.frame, needsUpdate } });
  expect([project.whyNotWrite, project.whyNotComment]).toEqual(['Update first.', 'Update first.']);
});

it('keeps what it heard while an answer was on its way', async () => {
  application.room.share('viewer');
  const reading = project.membership.read();
  project.membership.absorb(members({ role: 'owner' }));
  await reading;
  expect(project.membership.members?.role).toBe('owner');
});

it('shows what an owner has said at once', async () => {
  application.room.share('owner', [memberDevice('b')]);
  await project.membership.changeRole('b', 'viewer');
  expect(project.membership.members?.devices.map(({ role }) => role)).toEqual(['owner', 'viewer']);
  await project.membership.invite('commenter', 1, 3);
  expect(project.membership.members?.invitations).toMatchObject([{ role: 'commenter', uses: 3, used: 0 }]);
  await project.membership.remove('b');
  expect(project.membership.members?.devices).toHaveLength(1);
  const activity = await project.membership.activity();
  expect(activity.map(({ deed }) => deed.kind)).toEqual(['shared', 'roleChanged', 'invited', 'removed']);
});

it('rejects with what the application says', async () => {
  application.room.share('editor', [memberDevice('b')]);
  await expect(project.membership.remove('b')).rejects.toMatchObject({ code: 'NOT_AN_OWNER' });
  application.room.share('owner');
  await expect(project.membership.changeRole('me', 'viewer')).rejects.toMatchObject({ code: 'LAST_OWNER' });
});

it('keeps actions from who may not do them, and says why', () => {
  const run = vi.fn();
  const stop = actions.register([
    { id: 'test.write', title: 'Write', group: 'Edit', needs: 'write', unavailable: () => null, run },
    { id: 'test.read', title: 'Read', group: 'Edit', run },
  ]);
  app.phase = { kind: 'open', project };
  expect(actions.unavailable('test.write')).toBeNull();
  project.membership.absorb(members({ role: 'viewer' }));
  expect(actions.unavailable('test.write')).toContain('You may read this project');
  expect(actions.item('test.write').unavailable).toContain('You may read this project');
  actions.run('test.write');
  expect(run).not.toHaveBeenCalled();
  expect(toasts.current?.text).toContain('You may read this project');
  expect(actions.unavailable('test.read')).toBeNull();
  stop();
});

it('shows a refusal of the application as a message', async () => {
  application.failing = { apply: { code: 'ROLE_FORBIDS', message: 'Your role in this project does not include this. Ask an owner for another role.', detail: null } };
  expect(await project.apply({ kind: 'trashNodes', nodes: ['a'] })).toBeNull();
  expect(toasts.current).toMatchObject({ kind: 'failed', text: 'Your role in this project does not include this. Ask an owner for another role.' });
});
