// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { MemberRole } from '../../bindings/app';
import { setProject } from '../../project/context';
import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import CommentBox from './CommentBox.svelte';
import { FieldEdit } from './edit.svelte';
import FieldEditor from './FieldEditor.svelte';
import NodeHeader from './NodeHeader.svelte';

let application: FakeApplication;
let project: Project;
let shown: Record<string, unknown>[];

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  application = new FakeApplication();
  application.rows = [row('a', null, 'a', 'Front calipers')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  shown = [];
});
afterEach(async () => {
  for (const component of shown) await unmount(component);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

async function be(role: MemberRole): Promise<void> {
  application.room.share(role);
  await project.membership.begin();
  flushSync();
}

function showField(): void {
  const [field] = project.definitions.template.fields;
  if (!field) throw new Error('the template has a field');
  const edit = new FieldEdit(project, field, ['a']);
  shown.push(mount(FieldEditor, { target: document.body, props: { edit, labelledby: 'label' } }));
  flushSync();
}

function showHeader(): void {
  const InProject: typeof NodeHeader = (...parts) => {
    setProject(project);
    return NodeHeader(...parts);
  };
  shown.push(mount(InProject, { target: document.body, props: { node: 'a' } }));
  flushSync();
}

const reading = () => document.querySelector<HTMLElement>('[data-testid="field-reading"]');

it('shows a value to who may not change it, within reach of the keyboard, and why', async () => {
  await be('viewer');
  showField();
  expect(reading()?.textContent.trim()).toBe('Front calipers');
  expect(reading()).toMatchObject({ tabIndex: 0, ariaReadOnly: 'true' });
  expect(reading()?.getAttribute('aria-description')).toContain('You may read this project');
  expect(document.querySelector('input')).toBeNull();
});

it('becomes an editor when the role does', async () => {
  await be('commenter');
  showField();
  expect(reading()).not.toBeNull();
  await be('editor');
  expect(reading()).toBeNull();
  expect(document.querySelector('input')).not.toBeNull();
});

it('keeps the title and the type as they are', async () => {
  await be('viewer');
  showHeader();
  const title = document.querySelector<HTMLTextAreaElement>('[data-testid="inspector-title"]');
  const type = document.querySelector<HTMLButtonElement>('button.type');
  expect(title?.readOnly).toBe(true);
  expect(title?.getAttribute('aria-description')).toContain('You may read this project');
  expect(type?.getAttribute('aria-disabled')).toBe('true');
  type?.click();
  flushSync();
  expect(document.querySelector('[role="menu"]')).toBeNull();
});

it('lets commenters write comments, and viewers none', async () => {
  const InProject: typeof CommentBox = (...parts) => {
    setProject(project);
    return CommentBox(...parts);
  };
  const props = (whyNot: string | null) => ({ label: 'Comment', submit: async () => {}, testid: 'box', whyNot });
  await be('commenter');
  shown.push(mount(InProject, { target: document.body, props: props(project.whyNotComment) }));
  await be('viewer');
  shown.push(mount(InProject, { target: document.body, props: props(project.whyNotComment) }));
  flushSync();
  const boxes = [...document.querySelectorAll<HTMLTextAreaElement>('[data-testid="box"]')];
  expect(boxes.map(({ readOnly }) => readOnly)).toEqual([false, true]);
  expect(boxes[1]?.getAttribute('aria-description')).toContain('You may read this project');
});
