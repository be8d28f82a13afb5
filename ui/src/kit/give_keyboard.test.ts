// @vitest-environment jsdom

import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { giveKeyboardBack, giveKeyboardHome, giveKeyboardTo, keepKeyboardIn, keyboardHome } from './give_keyboard';

const at = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const here = () => document.activeElement?.id;
let leave: () => void;

beforeEach(() => {
  document.body.innerHTML = `
    <main><input id="find" /><div id="view" tabindex="-1"></div></main>
    <aside><input id="field" /><div tabindex="-1" id="panel"><input id="inside" /></div></aside>`;
  leave = () => {};
});
afterEach(() => leave());

it('a view that comes has the keyboard, wherever it was', () => {
  at('field').focus();
  leave = keyboardHome(at('view'));
  expect(here()).toBe('view');
});

it('a view leaves the keyboard to what beside it has it already', () => {
  at('find').focus();
  leave = keyboardHome(at('view'));
  expect(here()).toBe('find');
});

it('a field that is left gives the keyboard to what is around it, else to the view', () => {
  leave = keyboardHome(at('view'));
  at('inside').focus();
  giveKeyboardBack(at('inside'));
  expect(here()).toBe('panel');
  at('field').focus();
  giveKeyboardBack(at('field'));
  expect(here()).toBe('view');
});

it('what goes with the keyboard leaves it to the view, what goes without it changes nothing', () => {
  leave = keyboardHome(at('view'));
  at('inside').focus();
  at('panel').remove();
  giveKeyboardHome();
  expect(here()).toBe('view');
  at('field').focus();
  giveKeyboardHome();
  expect(here()).toBe('field');
});

it('a view that takes the keyboard meanwhile is not where somebody went', async () => {
  at('field').focus();
  const given = giveKeyboardTo(() => document.getElementById('late'));
  await Promise.resolve().then(() => {});
  leave = keyboardHome(at('view'));
  at('view').innerHTML = '<input id="late" />';
  at('late').scrollIntoView = () => {};
  await given;
  expect(here()).toBe('late');
});

it('whoever went elsewhere stays there', async () => {
  const given = giveKeyboardTo(() => document.getElementById('late'));
  for (let turn = 0; turn < 4; turn++) await tick();
  at('field').focus();
  at('view').innerHTML = '<input id="late" />';
  await given;
  expect(here()).toBe('field');
});

it('whoever is in a place that is made anew stays in it, and nobody else comes to it', async () => {
  at('inside').focus();
  keepKeyboardIn(at('panel'));
  at('panel').innerHTML = '<p>Another</p><button id="new"></button>';
  await tick();
  expect(here()).toBe('new');
  at('find').focus();
  keepKeyboardIn(at('panel'));
  at('panel').innerHTML = '<button id="newer"></button>';
  await tick();
  expect(here()).toBe('find');
});
