// From a key to an action. Text fields keep their own keys, and their own undo as long as there is any.

import { actions } from '../project/actions.svelte';
import { pressed } from '../project/keys';

/** What a text field held when it got the keyboard; back at it, undo is the project's again. */
let atFocus: { field: EventTarget; text: string } | null = null;

export function noteFocus(event: FocusEvent): void {
  const field = event.target;
  atFocus =
    field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? { field, text: field.value } : null;
}

/** Runs what the key means here. */
export function dispatchKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const shortcut = pressed(event);
  const target = event.target;
  if (shortcut === '' || !(target instanceof Element) || !mayAct(shortcut, target)) return;
  const action = actions.withKey(shortcut, isTyping(target) ? [] : scopesAt(target));
  if (!action || action.leavesKey) return;
  event.preventDefault();
  actions.run(action.id);
}

const isTyping = (target: Element): boolean =>
  target.closest('input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select, [contenteditable="true"]') !== null;

/** Where keys have a meaning of their own, only those with a modifier or of the top row get through. */
function mayAct(shortcut: string, target: Element): boolean {
  const isPlain = !/^Mod\+/.test(shortcut) && !/^(Shift\+)?F\d+$/.test(shortcut);
  if (target.closest('[role="menu"], [role="dialog"]')) return !isPlain;
  // A button within a grid is pressed, left and passed as everywhere.
  if (isPlain && target.closest('button, a, summary, [role="separator"]')) return shortcut.length === 1;
  if (!isTyping(target)) return true;
  if (isPlain) return false;
  if (['Mod+A', 'Mod+C', 'Mod+X', 'Mod+V'].includes(shortcut)) return false;
  if (!['Mod+Z', 'Mod+Shift+Z', 'Mod+Y'].includes(shortcut)) return true;
  // An editor that had something to undo has done so and prevented the default.
  if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return true;
  return atFocus?.field === target && atFocus.text === target.value;
}

/** Names of the places around an element, inner first. With the keyboard nowhere, those of the view. */
function scopesAt(target: Element): string[] {
  const start = target === document.body ? document.querySelector('main [data-scope]') : target;
  const scopes: string[] = [];
  for (let at = start?.closest<HTMLElement>('[data-scope]'); at; at = at.parentElement?.closest<HTMLElement>('[data-scope]')) {
    scopes.push(...(at.dataset['scope'] ?? '').split(' '));
  }
  return scopes;
}

/** Where the keyboard goes in a region: what its arrows move, else the first thing that takes keys. */
const ENTRANCES = ['[role="treegrid"][tabindex="0"]', '[tabindex="0"], button, input, textarea, a[href]'];

/** Moves the keyboard to the next region, round the window: the way out of a grid that keeps Tab. */
export function nextPane(delta: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((region) => region.checkVisibility());
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const from = here < 0 && delta < 0 ? 0 : here;
  const region = regions[(from + delta + regions.length) % regions.length];
  const entrance = ENTRANCES.map((place) => region?.querySelector<HTMLElement>(place)).find((found) => found);
  // Whoever comes from a click is shown, too, where the keyboard is now.
  (entrance ?? region)?.focus({ focusVisible: true });
}
