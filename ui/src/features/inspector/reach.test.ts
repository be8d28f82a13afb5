// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Field } from '../../bindings/graph';
import { setProject } from '../../project/context';
import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { actionsOf } from './actions';
import { fold } from './folds';
import Inspector from './Inspector.svelte';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
vi.stubGlobal('CSS', { escape: (name: string) => name });
Element.prototype.scrollIntoView = () => {};

let application: FakeApplication;
let project: Project;
let shown: Record<string, unknown>;

const cost: Field = {
  id: 'cost', key: 'cost', label: 'Cost', kind: 'number', options: [], default: null, required: false, unit: null, role: null,
  help: '', targets: [],
};

const labels: Field = {
  ...cost, id: 'labels', key: 'labels', label: 'Labels', kind: 'multiSelect',
  options: [{ id: 'big', label: 'Big', indicator: { icon: 'circle', colour: '#888888', style: 'normal' }, category: null, score: null }],
};

beforeEach(async () => {
  vi.useFakeTimers();
  // No frame comes: the keyboard is not to wait for one.
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  application = new FakeApplication();
  application.rows = [row('a', null, 'a', 'Roof'), row('b', null, 'b', 'Door')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  const { template } = project.frame;
  const types = template.types.map((type) => ({ ...type, fields: [...type.fields, { field: 'cost', group: 'Money' }, { field: 'labels', group: 'Money' }] }));
  const frame = { ...project.frame, template: { fields: [...template.fields, cost, labels], types } };
  project.absorb({ ...application.changed([]), frame });
  const place = document.body.appendChild(document.createElement('aside'));
  place.dataset['testid'] = 'inspector';
  const InProject: typeof Inspector = (...parts) => {
    setProject(project);
    return Inspector(...parts);
  };
  shown = mount(InProject, { target: place });
  project.selection.only('a');
  await vi.advanceTimersByTimeAsync(1_000);
});
afterEach(async () => {
  await unmount(shown);
  document.body.replaceChildren();
  vi.useRealTimers();
});

const goTo = (label: string) => {
  const choices = actionsOf(project, () => {}).find(({ id }) => id === 'node.field')?.choices?.() ?? [];
  return choices.find(({ title }) => title === label)?.run();
};
const goToCost = () => goTo('Cost');
const field = () => document.querySelector('[data-field="cost"] input');
const title = () => document.querySelector<HTMLTextAreaElement>('[data-testid="inspector-title"]');

it('goes to the field of what is selected, which its inspector does not show yet', async () => {
  project.selection.only('b');
  void goToCost();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(title()?.value).toBe('Door');
  expect(field()).not.toBeNull();
  expect(document.activeElement).toBe(field());
});

it('opens the section that the field is in', async () => {
  fold(project.layout, 'Money', true);
  flushSync();
  expect(field()).toBeNull();
  void goToCost();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(field()).not.toBeNull();
  expect(document.activeElement).toBe(field());
});

it('goes to where one adds to a set, past the members that it has', async () => {
  const [id, parent, order, type, values] = row('a', null, 'a', 'Roof');
  project.absorb({ ...application.changed([[id, parent, order, type, { ...values, labels: { options: ['big'] } }]]) });
  flushSync();
  void goTo('Labels');
  await vi.advanceTimersByTimeAsync(1_000);
  const place = document.querySelector('[data-field="labels"]');
  expect(place?.querySelector('.chip')).not.toBeNull();
  expect(document.activeElement).toBe(place?.querySelector('.add'));
});

it('leaves the keyboard with whoever went elsewhere meanwhile', async () => {
  project.selection.only('b');
  void goToCost();
  await tick();
  await tick();
  const elsewhere = document.body.appendChild(document.createElement('button'));
  elsewhere.focus();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(document.activeElement).toBe(elsewhere);
});
