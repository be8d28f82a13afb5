// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { expect, it } from 'vitest';

import { Toaster } from '../kit';
import { toasts } from '../project/toasts.svelte';

it('does what its button says, although the toast goes first', async () => {
  const done: string[] = [];
  toasts.show('Undone: Move', { action: { label: 'Redo', run: () => void done.push('redo') } });
  const shown = mount(Toaster, {
    target: document.body,
    props: {
      get toast() {
        return toasts.current;
      },
      ondismiss: (key: number) => toasts.dismiss(key),
    },
  });
  flushSync();
  document.querySelector<HTMLElement>('[data-testid="toast-action"]')?.click();
  flushSync();
  expect(done).toEqual(['redo']);
  expect(document.querySelector('[data-testid="toast"]')).toBeNull();
  await unmount(shown);
});
