// @vitest-environment jsdom
import { expect, it } from 'vitest';

import { giveKeyboardIn } from './give_keyboard';

function open(html: string): Event {
  document.body.innerHTML = `<button id="before"></button><div id="panel">${html}</div>`;
  document.getElementById('before')?.focus();
  const opening = new Event('open', { cancelable: true });
  giveKeyboardIn(() => document.getElementById('panel'))(opening);
  return opening;
}

it('gives the keyboard to what asks for it', () => {
  expect(open('<button id="close"></button><input id="name" autofocus>').defaultPrevented).toBe(true);
  expect(document.activeElement?.id).toBe('name');
});

it('leaves it to the panel where nothing asks', () => {
  expect(open('<button id="close"></button>').defaultPrevented).toBe(false);
  expect(document.activeElement?.id).toBe('before');
});
