// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import DraftInput from './DraftInput.svelte';
import { Box } from './draft_input_fixture.svelte';

let box: Box;
let shown: Record<string, unknown>;
const input = () => document.querySelector<HTMLInputElement>('input')!;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', () => 0);
  box = new Box('12.5');
  shown = mount(DraftInput, { target: document.body, props: box.props });
  input().focus();
  flushSync();
});
afterEach(async () => {
  await unmount(shown);
  vi.useRealTimers();
});

async function enter(text: string): Promise<void> {
  input().value = text;
  input().dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  input().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  await vi.advanceTimersByTimeAsync(0);
}

it('does not put the old value back when the new one arrives late', async () => {
  await enter('');
  // The value that was accepted is slower than the text is patient.
  await vi.advanceTimersByTimeAsync(2_000);
  box.text = '';
  flushSync();
  expect(input().value).toBe('');
  input().blur();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(box.submitted).toEqual(['']);
});

it('sends what was typed once, although leaving sends it too', async () => {
  await enter('1250,75');
  box.text = '1250.75';
  flushSync();
  input().blur();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(box.submitted).toEqual(['1250,75']);
  expect(input().value).toBe('1250.75');
});

it('sends the same text again when it is typed again', async () => {
  await enter('3');
  box.text = '7';
  await vi.advanceTimersByTimeAsync(2_000);
  await enter('3');
  expect(box.submitted).toEqual(['3', '3']);
});

it('keeps what was typed and is not yet sent, whatever arrives', () => {
  input().value = '99';
  input().dispatchEvent(new Event('input', { bubbles: true }));
  box.text = '4';
  flushSync();
  expect(input().value).toBe('99');
  input().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  flushSync();
  expect(input().value).toBe('4');
  expect(box.submitted).toEqual([]);
});

/** All that browsers do with a selection that is made by a program. */
function selectsAsInBrowsers(): void {
  vi.spyOn(HTMLInputElement.prototype, 'select').mockImplementation(function (this: HTMLInputElement) {
    this.focus();
    this.setSelectionRange(0, this.value.length);
  });
}

it('does not take the keyboard from where it went before the next frame', async () => {
  selectsAsInBrowsers();
  const frames: FrameRequestCallback[] = [];
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
  const button = document.body.appendChild(document.createElement('button'));
  button.focus();
  input().focus();
  button.focus();
  flushSync();
  for (const frame of frames) frame(0);
  expect(document.activeElement).toBe(button);
  button.remove();
});

it('does not take the keyboard from where it went before the answer', async () => {
  selectsAsInBrowsers();
  const button = document.body.appendChild(document.createElement('button'));
  input().value = '8';
  input().dispatchEvent(new Event('input', { bubbles: true }));
  input().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  button.focus();
  await vi.advanceTimersByTimeAsync(0);
  expect(box.submitted).toEqual(['8']);
  expect(document.activeElement).toBe(button);
  button.remove();
});

it('keeps what is typed after what was sent', async () => {
  input().value = '8';
  input().dispatchEvent(new Event('input', { bubbles: true }));
  input().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  input().value = '81';
  input().setSelectionRange(2, 2);
  input().dispatchEvent(new Event('input', { bubbles: true }));
  await vi.advanceTimersByTimeAsync(0);
  expect(input().selectionStart).toBe(2);
});
