// @vitest-environment jsdom
import { expect, it, vi } from 'vitest';

import { FakeApplication, row } from '../project/fake_application';
import { Project } from '../project/project.svelte';
import { Titles } from './titles';

it('asks a node for its title again only when it has changed', async () => {
  const application = new FakeApplication();
  application.rows = [row('a', null, 'a'), row('b', null, 'b'), row('c', null, 'c')];
  vi.stubGlobal('fetch', application.fetch);
  const project = new Project('p');
  await project.load();
  const titles = new Titles(project);
  expect(titles.all().map(({ title }) => title)).toEqual(['a', 'b', 'c']);
  const asked = vi.spyOn(project, 'title');
  project.absorb(application.changed([row('b', null, 'b', 'Brakes')], ['c']));
  expect(titles.all()).toEqual([{ node: 'a', title: 'a' }, { node: 'b', title: 'Brakes' }]);
  expect(asked.mock.calls).toEqual([['b']]);
});
