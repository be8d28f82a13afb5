// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeApplication, row } from './fake_application';
import { Project } from './project.svelte';

let application: FakeApplication;
let project: Project;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a'), row('b', null, 'b'), row('c', 'a', 'a')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
});
afterEach(() => vi.unstubAllGlobals());

const snapshots = () => application.asked.filter(({ kind }) => kind === 'snapshot').length;

describe('Project', () => {
  it('shows what the snapshot holds', () => {
    expect(project.children(null)).toEqual(['a', 'b']);
    expect(project.title('c')).toBe('c');
    expect(project.frame.name).toBe('Test');
  });

  it('absorbs a change', () => {
    project.absorb(application.changed([row('d', 'b', 'a', 'New')], ['c']));
    expect(project.children('b')).toEqual(['d']);
    expect(project.node('c')).toBeUndefined();
    expect(project.history.undo).toBe('Step');
    expect(snapshots()).toBe(1);
  });

  it('ignores what it knows already', () => {
    const first = application.changed([row('d', null, 'c', 'First')]);
    project.absorb(first);
    project.absorb(application.changed([row('d', null, 'c', 'Second')]));
    project.absorb(first);
    expect(project.title('d')).toBe('Second');
  });

  it('takes a change that starts before and ends after what it knows', () => {
    const changed = application.changed([row('d', null, 'c')]);
    project.absorb({ ...changed, since: 0 });
    expect(project.children(null)).toEqual(['a', 'b', 'd']);
    expect(snapshots()).toBe(1);
  });

  it('takes a snapshot after a gap', async () => {
    application.changed([row('d', null, 'c')]);
    project.absorb(application.changed([row('e', null, 'd')]));
    await vi.waitFor(() => expect(project.children(null)).toEqual(['a', 'b', 'd', 'e']));
    expect(snapshots()).toBe(2);
  });

  it('keeps changes that arrive while a snapshot is on its way', async () => {
    let open = () => {};
    application.gate = new Promise((resolve) => (open = resolve));
    const syncing = project.sync();
    const early = application.changed([row('d', null, 'c')]);
    project.absorb(early);
    expect(project.node('d')).toBeUndefined();
    open();
    await syncing;
    project.absorb(application.changed([row('e', null, 'd')]));
    expect(project.children(null)).toEqual(['a', 'b', 'd', 'e']);
  });

  it('moves the focus to a neighbour when its node goes', () => {
    project.selection.only('b');
    project.absorb(application.changed([], ['b']));
    expect(project.selection.focus).toBe('a');
    expect([...project.selection.ids]).toEqual(['a']);
  });

  it('moves the focus to the parent when no sibling stays', () => {
    project.selection.only('c');
    project.absorb(application.changed([], ['c']));
    expect(project.selection.focus).toBe('a');
  });

  it('selects again what comes back, unless one has turned to something else', () => {
    project.selection.set(['b', 'c'], 'c');
    project.absorb(application.changed([], ['b', 'c']));
    expect([...project.selection.ids]).toEqual(['a']);
    project.absorb(application.changed([row('b', null, 'b')]));
    expect([...project.selection.ids]).toEqual(['a']);
    project.absorb(application.changed([row('c', 'a', 'a')]));
    expect([...project.selection.ids]).toEqual(['b', 'c']);
    expect(project.selection.focus).toBe('c');

    project.absorb(application.changed([], ['c']));
    project.selection.only('a');
    project.absorb(application.changed([row('c', 'a', 'a')]));
    expect([...project.selection.ids]).toEqual(['a']);
  });

  it('opens what is folded above a node that one goes to', () => {
    project.setFolded(['a'], true);
    project.goTo('c');
    expect(project.fold.isFolded('a')).toBe(false);
    expect(project.selection.focus).toBe('c');
  });

  it('calls a node without a title by its type', () => {
    project.absorb(application.changed([['d', null, 'c', 'task', {}]]));
    expect(project.title('d')).toBe('Untitled task');
  });
});
