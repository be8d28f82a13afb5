// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Toaster } from '../kit';
import { toasts } from '../project/toasts.svelte';

let shown: Record<string, unknown>;

beforeEach(() => {
  vi.useFakeTimers();
  shown = mount(Toaster, {
    target: document.body,
    props: {
      get toast() {
        return toasts.current;
      },
      ondismiss: (key: number) => toasts.dismiss(key),
    },
  });
});
afterEach(async () => {
  toasts.dismiss();
  await unmount(shown);
  vi.useRealTimers();
});

const toast = () => document.querySelector<HTMLElement>('[data-testid="toast"]');

function wait(ms: number) {
  flushSync();
  vi.advanceTimersByTime(ms);
  flushSync();
}

it('does what its button says, although the toast goes first', () => {
  const done: string[] = [];
  toasts.show('Undone: Move', { action: { label: 'Redo', run: () => void done.push('redo') } });
  flushSync();
  document.querySelector<HTMLElement>('[data-testid="toast-action"]')?.click();
  flushSync();
  expect(done).toEqual(['redo']);
  expect(toast()).toBeNull();
});

it('stays while one points at it, and the next one does not for that', () => {
  toasts.show('First');
  flushSync();
  toast()?.dispatchEvent(new Event('pointerenter'));
  wait(60_000);
  expect(toast()).not.toBeNull();
  toasts.show('Second');
  wait(6_000);
  expect(toast()).toBeNull();
});

it('says until it is dismissed which file was refused and why, with the code', () => {
  toasts.failFile('/home/ana/garage.talus', { code: 'FILE_DAMAGED', message: 'The file is damaged.', detail: null });
  wait(60_000);
  expect(toast()?.textContent).toContain('“garage.talus”: The file is damaged.');
  expect(toast()?.textContent).toContain('FILE_DAMAGED');
});

it('no longer offers the way back from a step once there was another', () => {
  toasts.show('Undone: Move', { ofStep: true });
  toasts.stepped();
  flushSync();
  expect(toast()).toBeNull();
  toasts.show('Copied');
  toasts.stepped();
  flushSync();
  expect(toast()).not.toBeNull();
});
