// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { app } from '../../../project/app.svelte';
import { setProject } from '../../../project/context';
import { FakeApplication, row, settle } from '../../../project/fake_application';
import { memberDevice } from '../../../project/fake_room';
import { pairing } from '../../../project/pairing.svelte';
import { Project } from '../../../project/project.svelte';
import NameFirst from '../NameFirst.svelte';
import { sharingState } from '../state.svelte';
import Share from './Share.svelte';

let application: FakeApplication;
let project: Project;
let shown: Record<string, unknown>[];

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal('requestAnimationFrame', (call: () => void) => queueMicrotask(call));
  Element.prototype.scrollIntoView = () => {};
  Element.prototype.hasPointerCapture = () => false;
  application = new FakeApplication();
  application.rows = [row('a', null, 'a')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  app.me = { name: 'Ana', colour: '#4c9be8' };
  shown = [];
});
afterEach(async () => {
  sharingState.inviting = false;
  sharingState.naming = null;
  for (const component of shown) await unmount(component);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

async function show(): Promise<void> {
  await Promise.all([project.room.begin(), project.membership.begin()]);
  const InProject: typeof Share = (...parts) => {
    setProject(project);
    return Share(...parts);
  };
  shown.push(mount(InProject, { target: document.body }), mount(NameFirst, { target: document.body }));
  sharingState.inviting = true;
  flushSync();
  await settle();
}
const all = (testid: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)];
const one = (testid: string): HTMLElement => {
  const [found] = all(testid);
  if (!found) throw new Error(`${testid} is not there`);
  return found;
};
async function click(testid: string, at = 0): Promise<void> {
  const found = all(testid)[at];
  if (!found) throw new Error(`${testid} is not there`);
  found.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0, pointerType: 'mouse' }));
  found.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, button: 0, pointerType: 'mouse' }));
  found.click();
  await settle();
}
const asked = (kind: string) => application.asked.filter((request) => request.kind === kind);
const state = () => one('share-dialog').dataset['state'];

describe('a project that is not shared', () => {
  it('is shared, and shows the link and its code', async () => {
    await show();
    expect(state()).toBe('alone');
    await click('share-project');
    expect(state()).toBe('owner');
    expect((one('invitation') as HTMLTextAreaElement).value).toMatch(/^talus:\/\/join#/);
    expect(all('invitation-qr')).toHaveLength(1);
    expect(one('open-invitation').dataset).toMatchObject({ role: 'editor', used: '0', uses: '20' });
  });

  it('asks for a name first, once, and goes on without one', async () => {
    app.me = { name: '', colour: '#4c9be8' };
    await show();
    await click('share-project');
    expect(all('name-first')).toHaveLength(1);
    expect(asked('invite')).toHaveLength(0);
    await click('name-skip');
    expect(all('name-first')).toHaveLength(0);
    expect(asked('invite')).toHaveLength(1);
    expect(app.layout.get('nameAskedToShare', false)).toBe(true);
    app.layout.put('nameAskedToShare', false);
  });

  it('says why it could not be shared, and tries again', async () => {
    application.failing = { invite: { code: 'SHARING_OFF', message: 'This installation does not share projects.', detail: null } };
    await show();
    await click('share-project');
    expect(one('sharing-failure').dataset['code']).toBe('SHARING_OFF');
    application.failing = {};
    await click('share-project');
    expect(state()).toBe('owner');
  });
});

describe('an owner', () => {
  const bo = memberDevice('bo', { person: 'p-bo', name: 'Bo', seenAt: Date.now() });
  beforeEach(() => application.room.share('owner', [bo, memberDevice('x', { role: 'viewer' })]));

  it('sees who is a member, with roles and words', async () => {
    await show();
    expect(all('member').map(({ dataset }) => [dataset['device'], dataset['role'], dataset['me']])).toEqual([
      ['me', 'owner', 'true'], ['bo', 'editor', 'false'], ['x', 'viewer', 'false'],
    ]);
    expect(all('words').map((words) => words.textContent)).toEqual([
      expect.stringContaining('me boot daisy'), expect.stringContaining('bo boot daisy'), expect.stringContaining('x boot daisy'),
    ]);
  });

  it('sees the name of whoever was let in by a code before they have looked at the project', async () => {
    const peer = { words: 'x boot daisy', device: 'x', address: '192.168.1.9', name: 'Xenia' };
    pairing.absorb({ id: 1, side: 'sharing', project: 'p', peer, hers: null, state: { kind: 'done' } });
    await show();
    expect(all('member-person').map(({ textContent }) => textContent)).toEqual([
      expect.anything(), expect.stringContaining('Bo'), expect.stringContaining('Xenia'),
    ]);
    pairing.absorb(null);
  });

  it('gives somebody another role from the menu', async () => {
    await show();
    await click('member-role', 1);
    await click('role-viewer');
    expect(asked('changeRole')).toEqual([{ kind: 'changeRole', project: 'p', device: 'bo', role: 'viewer' }]);
    expect(all('member')[1]?.dataset['role']).toBe('viewer');
  });

  it('is asked before somebody becomes an owner', async () => {
    await show();
    await click('member-role', 1);
    await click('role-owner');
    expect(asked('changeRole')).toHaveLength(0);
    await click('share-ask-do');
    expect(asked('changeRole')).toHaveLength(1);
  });

  it('is told what stays when somebody is removed, before it is done', async () => {
    await show();
    await click('member-more', 1);
    await click('remove-member');
    expect(one('share-ask').textContent).toContain('stays readable');
    expect(one('share-ask').textContent).toContain('new key');
    expect(asked('removeMember')).toHaveLength(0);
    await click('share-ask-do');
    expect(asked('removeMember')).toEqual([{ kind: 'removeMember', project: 'p', device: 'bo' }]);
    expect(all('member').map(({ dataset }) => dataset['device'])).toEqual(['me', 'x']);
  });

  it('keeps the question open when it cannot be done, with the code', async () => {
    await show();
    application.failing = { removeMember: { code: 'MEMBERS_FULL', message: 'The list of members takes no more entries.', detail: null } };
    await click('member-more', 1);
    await click('remove-member');
    await click('share-ask-do');
    expect(one('sharing-failure').dataset['code']).toBe('MEMBERS_FULL');
  });

  it('cannot stop being the last one, and is told so', async () => {
    await show();
    const role = all('member-role')[0];
    expect(role?.getAttribute('aria-disabled')).toBe('true');
    expect(role?.getAttribute('aria-description')).toContain('needs an owner');
  });

  it('makes a link on terms, and takes it back', async () => {
    await show();
    await click('way-link');
    const set = (testid: string, value: string) => {
      const field = one(testid) as HTMLInputElement;
      field.value = value;
      field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
    };
    set('terms-role', 'commenter');
    set('terms-uses', '3');
    flushSync();
    one('make-invitation').closest('form')?.requestSubmit();
    await settle();
    expect(asked('inviteAs')).toEqual([{ kind: 'inviteAs', project: 'p', role: 'commenter', hours: 168, uses: 3 }]);
    expect((one('invitation') as HTMLTextAreaElement).value).toMatch(/^talus:\/\/join#/);
    await click('revoke-invitation');
    await click('share-ask-do');
    expect(asked('revokeInvitation')).toHaveLength(1);
    expect(all('open-invitation')).toHaveLength(0);
  });

  it('changes the key when it is due', async () => {
    if (application.room.members) application.room.members.isKeyDue = true;
    await show();
    expect(one('key-due').textContent).toContain('no member any more');
    await click('change-key-due');
    await click('share-ask-do');
    expect(asked('changeProjectKey')).toHaveLength(1);
    expect(all('key-due')).toHaveLength(0);
  });

  it('hands the project over', async () => {
    await show();
    await click('member-more', 1);
    await click('hand-over');
    await click('share-ask-do');
    expect(asked('handOverProject')).toEqual([{ kind: 'handOverProject', project: 'p', device: 'bo' }]);
    expect(state()).toBe('editor');
  });

  it('lets in again who was removed, with the role that is chosen', async () => {
    await show();
    expect(all('former-member')).toHaveLength(0);
    await project.membership.remove('bo');
    flushSync();
    expect(one('former-member').textContent).toContain('Bo');
    expect(one('former-member').textContent).toContain('Was removed');
    await click('readmit');
    expect(all('readmit-owner')).toHaveLength(0);
    await click('readmit-commenter');
    expect(document.body.textContent).toContain('gets what was written meanwhile');
    await click('share-ask-do');
    expect(asked('readmitMember')).toEqual([{ kind: 'readmitMember', project: 'p', device: 'bo', role: 'commenter' }]);
    expect(all('former-member')).toHaveLength(0);
    expect(all('member').map(({ dataset }) => [dataset['device'], dataset['role']])).toContainEqual(['bo', 'commenter']);
  });

  it('who is the last one cannot leave, and is told why', async () => {
    await show();
    await click('member-more', 0);
    expect(one('leave-project').getAttribute('aria-disabled')).toBe('true');
    expect(one('leave-project').textContent).toContain('needs an owner');
  });

  it('reads what happened, the newest first', async () => {
    await show();
    await project.membership.changeRole('bo', 'viewer');
    await click('share-activity');
    const deeds = [...one('activity').querySelectorAll<HTMLElement>('[data-deed]')].map(({ dataset }) => dataset['deed']);
    expect(deeds).toEqual(['roleChanged', 'shared']);
  });
});

describe('somebody else', () => {
  it('changes no role, and is told whom to ask', async () => {
    application.room.share('viewer', [memberDevice('bo', { role: 'owner' })]);
    await show();
    expect(state()).toBe('viewer');
    expect(one('not-owner').textContent).toContain('You are a viewer');
    for (const role of all('member-role')) expect(role.getAttribute('aria-description')).toContain('Only an owner');
    expect(one('way-nearby').getAttribute('aria-disabled')).toBe('true');
  });

  it('passes on the link by which they came', async () => {
    application.room.share('editor', [memberDevice('bo', { role: 'owner' })]);
    await show();
    await click('way-link');
    expect(asked('invite')).toHaveLength(1);
    expect(all('terms-role')).toHaveLength(0);
    expect(all('invitation')).toHaveLength(1);
  });

  it('is told why there is no such link', async () => {
    application.room.share('editor');
    application.failing = { invite: { code: 'NOT_AN_OWNER', message: 'Only an owner of the project may do this. Ask one of them.', detail: null } };
    await show();
    await click('way-link');
    expect(one('sharing-failure').dataset['code']).toBe('NOT_AN_OWNER');
  });

  it('leaves, whatever role it is, and is told what stays', async () => {
    application.room.share('viewer', [memberDevice('bo', { role: 'owner' })]);
    await show();
    await click('member-more', 0);
    await click('leave-project');
    expect(one('share-ask').textContent).toContain('Only an owner can let you in again');
    await click('share-ask-do');
    expect(asked('leaveProject')).toEqual([{ kind: 'leaveProject', project: 'p' }]);
    expect(state()).toBe('out');
  });

  it('lets nobody in again, and is told who does', async () => {
    application.room.share('editor', [memberDevice('bo', { role: 'owner' })]);
    application.room.members?.former.push({ device: 'cy', words: 'cy boot', person: null, name: 'Cy', hasLeft: true });
    await show();
    expect(one('former-member').textContent).toContain('Has left');
    expect(one('readmit').getAttribute('aria-description')).toContain('Only an owner');
  });

  it('who waits to be let in is told what to do', async () => {
    application.room.share('editor');
    const { room } = application;
    if (room.members) Object.assign(room.members, { role: null, isWaiting: true, devices: [] });
    await show();
    expect(state()).toBe('out');
    expect(one('waiting-to-be-let-in').textContent).toContain('Nobody who is in the project was reached yet');
    expect(all('not-a-member')).toHaveLength(0);
    await click('waiting-check');
    expect(sharingState.inviting).toBe(false);
  });

  it('who was removed is told so, and what is left to do', async () => {
    application.room.share('editor');
    const { room } = application;
    if (room.members) room.members.role = null;
    if (room.sharing) room.sharing.notLetIn = { code: 'WAS_REMOVED', message: 'An owner has removed this device.', detail: null };
    await show();
    expect(state()).toBe('out');
    expect(one('not-let-in').dataset['code']).toBe('WAS_REMOVED');
    expect(all('way-link')).toHaveLength(0);
  });
});

it('says that a room of an earlier version is open, and what to do', async () => {
  application.room.share('owner');
  application.room.members = { isOpen: true, role: null, isWaiting: false, devices: [], former: [], invitations: [], isKeyDue: false };
  await show();
  expect(state()).toBe('open');
  expect(one('open-room').textContent).toContain('everybody who reaches it may do everything');
  expect(all('copy-closed')).toHaveLength(1);
  expect(all('member')).toHaveLength(0);
});

it('says nothing of nobody being reached before somebody was let in', async () => {
  application.room.share('owner');
  if (application.room.sharing) application.room.sharing = { ...application.room.sharing, status: { kind: 'offline' }, waiting: 2 };
  await show();
  expect(all('share-offline')).toHaveLength(0);
});

it('says that nobody is reached, and what that means', async () => {
  application.room.share('owner', [memberDevice('bo', { name: 'Bo' })]);
  if (application.room.sharing) application.room.sharing = { ...application.room.sharing, status: { kind: 'offline' }, waiting: 2 };
  await show();
  expect(one('share-offline').textContent).toContain('2 changes wait');
});

it('says that it cannot be read who is a member, and tries again', async () => {
  application.room.share('owner');
  application.failing = { readMembers: { code: 'PROJECT_NOT_OPEN', message: 'The project is not open.', detail: null } };
  await show();
  expect(state()).toBe('failed');
  expect(one('sharing-failure').dataset['code']).toBe('PROJECT_NOT_OPEN');
});
