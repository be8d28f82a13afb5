// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { companion } from './fixture';
import { Follow } from './follow.svelte';

let project: Project;
let follow: Follow;

beforeEach(async () => {
  const application = new FakeApplication();
  application.rows = ['a', 'b', 'c'].map((id) => row(id, null, id));
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  follow = new Follow(project);
  theyLookAt('b');
});
afterEach(() => vi.unstubAllGlobals());

function theyLookAt(node: string | null) {
  const companions = [companion({ person: 'ana', node })];
  project.room.absorb({ room: 'r', status: { kind: 'syncing' }, waiting: 0, companions, offences: [] });
  follow.step();
}

it('goes where somebody is, and then where they go', () => {
  follow.start('ana');
  expect(project.selection.focus).toBe('b');
  theyLookAt('c');
  expect(project.selection.focus).toBe('c');
});

it('ends when one goes elsewhere oneself', () => {
  follow.start('ana');
  project.selection.only('a');
  theyLookAt('c');
  expect(project.selection.focus).toBe('a');
  expect(follow.person).toBeNull();
});

it('waits while they look at nothing that is here', () => {
  follow.start('ana');
  theyLookAt(null);
  theyLookAt('unknown');
  expect(project.selection.focus).toBe('b');
  theyLookAt('c');
  expect(project.selection.focus).toBe('c');
});

it('ends when they leave', () => {
  follow.start('ana');
  project.room.absorb({ room: 'r', status: { kind: 'offline' }, waiting: 0, companions: [], offences: [] });
  follow.step();
  expect(follow.person).toBeNull();
});
