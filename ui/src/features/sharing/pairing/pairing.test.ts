// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Pairing, PairingState } from '../../../bindings/app';
import { app } from '../../../project/app.svelte';
import { setProject } from '../../../project/context';
import { FakeApplication, row, settle } from '../../../project/fake_application';
import { RIGHT_CODE } from '../../../project/fake_room';
import { pairing } from '../../../project/pairing.svelte';
import { Project } from '../../../project/project.svelte';
import Nearby from './Nearby.svelte';
import PairingDialog from './PairingDialog.svelte';

let application: FakeApplication;
let project: Project;
let shown: Record<string, unknown>[];

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  application = new FakeApplication();
  application.rows = [row('a', null, 'a')];
  application.room.share('owner');
  application.room.nearby.machines = [
    { machine: 'm1', words: 'oak owl fox gold hat ice ink king', address: '192.168.1.9:7825', answers: true },
    { machine: 'm2', words: 'rain rose ruby salad satin scarf ship silk', address: '192.168.1.12:7825', answers: false },
  ];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
  await Promise.all([project.room.begin(), project.membership.begin()]);
  app.me = { name: 'Ana', colour: '#4c9be8' };
  shown = [];
});
afterEach(async () => {
  for (const component of shown) await unmount(component);
  pairing.absorb(null);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

async function show(component: Component): Promise<void> {
  const InProject: Component = (...parts) => {
    setProject(project);
    return component(...parts);
  };
  shown.push(mount(InProject, { target: document.body }));
  flushSync();
  await settle();
}
const all = (testid: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)];
const one = (testid: string): HTMLElement => {
  const [found] = all(testid);
  if (!found) throw new Error(`${testid} is not there`);
  return found;
};
async function click(testid: string): Promise<void> {
  one(testid).click();
  await settle();
}
async function type(code: string): Promise<void> {
  const field = one('pairing-code') as HTMLInputElement;
  field.value = code;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  field.closest('form')?.requestSubmit();
  await settle();
}
/** What the application does becomes an event. */
async function told(): Promise<void> {
  pairing.absorb(application.room.pairing);
  await settle();
}
const asked = (kind: string) => application.asked.filter((request) => request.kind === kind);

const at = (state: PairingState, rest: Partial<Pairing> = {}): Pairing => ({
  id: 7, side: 'joining', project: null, state, hers: null, peer: { words: 'oak owl fox', device: null, address: '192.168.1.9:7825', name: 'Bo' }, ...rest,
});

it('asks the computer that was chosen, and lets it in by its code', async () => {
  await show(Nearby);
  expect(all('nearby-machine').map(({ dataset }) => dataset['machine'])).toEqual(['m1', 'm2']);
  expect(all('pair')[1]?.getAttribute('aria-disabled')).toBe('true');
  await click('pair');
  expect(asked('beginPairing')).toEqual([{ kind: 'beginPairing', project: 'p', at: { kind: 'machine', machine: 'm1' }, role: 'editor', isMine: false }]);
  expect(one('pairing').dataset['state']).toBe('typing');
  expect(document.activeElement).toBe(one('pairing-code'));
  await type('4928');
  expect(asked('answerPairing')).toHaveLength(0);
  await type(`${RIGHT_CODE.slice(0, 3)} ${RIGHT_CODE.slice(3)}`);
  expect(asked('answerPairing')).toMatchObject([{ code: RIGHT_CODE }]);
  await told();
  expect(one('pairing').dataset['state']).toBe('done');
});

it('says that a code was wrong, and asks the same computer again', async () => {
  await show(Nearby);
  await click('pair');
  await type('111111');
  await told();
  expect(one('sharing-failure').dataset['code']).toBe('PAIRING_WRONG_CODE');
  await click('pairing-retry');
  expect(asked('beginPairing')).toHaveLength(2);
  expect(one('pairing').dataset['state']).toBe('typing');
});

it('does not try again before it is of use', async () => {
  const failure = { code: 'PAIRING_TOO_SOON', message: 'Wait a little.', detail: null };
  await show(Nearby);
  await click('pair');
  pairing.absorb(at({ kind: 'failed', failure, retryAt: Date.now() + 60_000 }, { side: 'sharing', project: 'p' }));
  await settle();
  expect(one('pairing-retry').getAttribute('aria-description')).toMatch(/^Possible in (1:00|0:59)/);
  await click('pairing-retry');
  expect(asked('beginPairing')).toHaveLength(1);
});

it('gives up', async () => {
  await show(Nearby);
  await click('pair');
  await click('pairing-cancel');
  expect(asked('cancelPairing')).toHaveLength(1);
  expect(all('nearby-machine')).toHaveLength(2);
});

it('says why the computers cannot be listed', async () => {
  application.failing = { readNearby: { code: 'CANNOT_SHARE', message: 'Not here.', detail: null } };
  await show(Nearby);
  expect(one('sharing-failure').dataset['code']).toBe('CANNOT_SHARE');
});

it('opens by itself where the code is shown, and refuses', async () => {
  await show(PairingDialog);
  expect(all('pairing-dialog')).toHaveLength(0);
  pairing.absorb(at({ kind: 'showing', code: '492817', until: Date.now() + 120_000 }));
  await settle();
  expect(one('pairing-digits').textContent).toBe('492 817');
  expect(document.body.textContent).toContain('says to be Bo');
  await click('pairing-refuse');
  expect(asked('cancelPairing')).toEqual([{ kind: 'cancelPairing', pairing: 7 }]);
  expect(all('pairing-dialog')).toHaveLength(0);
});

it('tells the outcome, and opens the project', async () => {
  const open = vi.spyOn(app, 'open').mockResolvedValue();
  await show(PairingDialog);
  pairing.absorb(at({ kind: 'joining' }));
  await settle();
  expect(one('pairing-dialog').dataset['state']).toBe('joining');
  pairing.absorb(at({ kind: 'done' }, { project: 'p2' }));
  await settle();
  expect(document.activeElement).toBe(one('pairing-open'));
  await click('pairing-open');
  expect(open).toHaveBeenCalledWith('p2');
});

it('says that it is another computer of hers', async () => {
  await show(Nearby);
  await click('pairing-mine');
  await click('pair');
  expect(asked('beginPairing')).toMatchObject([{ isMine: true }]);
});

it('is one person on both once she says so', async () => {
  const hers = { name: 'Ana', colour: '#4c9be8' };
  await show(PairingDialog);
  pairing.absorb(at({ kind: 'done' }, { project: 'p2', hers }));
  await settle();
  expect(one('pairing-hers').textContent).toContain('Ana says that this computer is hers');
  await click('pairing-become');
  expect(asked('becomePeer')).toEqual([{ kind: 'becomePeer', pairing: 7 }]);
  expect(app.me).toEqual(hers);
  pairing.absorb(at({ kind: 'done' }, { project: 'p2' }));
  await settle();
  expect(document.activeElement).toBe(one('pairing-open'));
});

it('stays who she is if it is not', async () => {
  await show(PairingDialog);
  pairing.absorb(at({ kind: 'done' }, { project: 'p2', hers: { name: 'Ana', colour: '#4c9be8' } }));
  await settle();
  await click('pairing-not-hers');
  expect(asked('becomePeer')).toEqual([]);
  expect(all('pairing-hers')).toHaveLength(0);
  expect(document.activeElement).toBe(one('pairing-open'));
});

it('tells why it came to nothing', async () => {
  await show(PairingDialog);
  pairing.absorb(at({ kind: 'failed', failure: { code: 'PAIRING_EXPIRED', message: 'Too late.', detail: null }, retryAt: null }));
  await settle();
  expect(one('sharing-failure').dataset['code']).toBe('PAIRING_EXPIRED');
});

it('leaves alone what is about another project', async () => {
  await show(Nearby);
  pairing.absorb(at({ kind: 'typing', until: 0 }, { side: 'sharing', project: 'other' }));
  await settle();
  expect(all('pairing')).toHaveLength(0);
});
