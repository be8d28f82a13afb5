// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { setProject } from '../../project/context';
import { FakeApplication, settle } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { actionsOf } from './actions';
import View from './View.svelte';

vi.stubGlobal('CSS', { escape: (name: string) => name });
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
Element.prototype.scrollIntoView = () => {};

let application: FakeApplication;
let project: Project;
let shown: Record<string, unknown>;

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  application = new FakeApplication();
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
});
afterEach(async () => {
  await unmount(shown);
  document.body.replaceChildren();
});

function showView(): void {
  const InProject: typeof View = (...parts) => {
    setProject(project);
    return View(...parts);
  };
  shown = mount(InProject, { target: document.body });
}
const action = (id: string) => actionsOf(project).find((one) => one.id === id);

it('opens a field, with the keyboard at its name', async () => {
  const choices = action('template.open')?.choices?.() ?? [];
  expect(choices.map(({ title, place }) => `${place?.()}: ${title}`)).toEqual(['Item type: Task', 'Field: Title']);
  const done = choices[1]?.run();
  expect(project.view).toBe('template');
  // The view is read when it is first shown.
  showView();
  await done;
  expect(document.querySelector('[data-testid="field-form"] h1')?.textContent).toBe('Title');
  expect(document.activeElement).toBe(document.querySelector('[data-testid="field-form"] input'));
});

it('adds a type, with the keyboard at its name', async () => {
  showView();
  const done = action('template.addType')?.run?.();
  await settle();
  const command = application.asked.flatMap((request) => (request.kind === 'apply' ? [request.command] : [])).at(-1);
  if (command?.kind !== 'putType') throw new Error('a type is put');
  const { template } = project.frame;
  const frame = { ...project.frame, template: { ...template, types: [...template.types, command.nodeType] } };
  project.absorb({ ...application.changed([]), frame });
  await done;
  expect(document.querySelector('[data-testid="type-form"] h1')?.textContent).toBe('New type');
  expect(document.activeElement).toBe(document.querySelector('[data-testid="type-form"] input'));
});
