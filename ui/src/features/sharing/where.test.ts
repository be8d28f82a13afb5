// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeApplication, row } from '../../project/fake_application';
import { Project } from '../../project/project.svelte';
import { editedAt } from './where';

let project: Project;

beforeEach(async () => {
  const application = new FakeApplication();
  application.rows = [row('a', null, 'a'), row('b', null, 'b')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  project.selection.only('b');
});
afterEach(() => vi.unstubAllGlobals());

function at(html: string) {
  document.body.innerHTML = html;
  return editedAt(document.querySelector('[autofocus]'), project);
}

it('knows the title that is edited in a row', () => {
  expect(at('<div data-node="a"><input autofocus></div>')).toEqual({ node: 'a', field: 'title' });
});

it('knows the field that is edited in the inspector', () => {
  expect(at('<div data-scope="inspector"><div data-field="title"><input autofocus></div></div>')).toEqual({ node: 'b', field: 'title' });
  expect(at('<div data-scope="inspector"><textarea autofocus></textarea></div>')).toEqual({ node: 'b', field: null });
});

it('sees that nothing of a node is edited', () => {
  expect(at('<input autofocus>')).toBeNull();
  expect(at('<div data-node="gone"><input autofocus></div>')).toBeNull();
  expect(at('<div data-node="a"><input type="checkbox" autofocus></div>')).toBeNull();
  expect(at('<div data-node="a"><button autofocus></button></div>')).toBeNull();
});
