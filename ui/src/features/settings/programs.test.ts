// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Serving } from '../../bindings/app';
import { app } from '../../project/app.svelte';
import Programs from './Programs.svelte';

const nobody: Serving = { address: null, tokenFile: null, failure: null };
let shown: Record<string, unknown>;

beforeEach(() => (shown = mount(Programs, { target: document.body })));
afterEach(() => unmount(shown));

function text(serving: Serving): string {
  app.serving = serving;
  flushSync();
  return document.body.textContent.trim();
}

it('says where programs ask and where their token is', () => {
  expect(text(nobody)).toContain('No program is let in.');
  const said = text({ ...nobody, address: 'http://127.0.0.1:7826', tokenFile: '/data/api-token' });
  expect(said).toContain('http://127.0.0.1:7826/docs');
  expect(said).toContain('/data/api-token');
  expect(text({ ...nobody, failure: 'Programs cannot be let in.' })).toBe('Programs cannot be let in.');
});

it('lets a page in a browser look, and decide nothing', () => {
  expect(document.querySelector('[data-switch]')).toBeNull();
});
