// @vitest-environment jsdom

import { beforeEach, expect, it } from 'vitest';

import { nextPane } from './keyboard';

HTMLElement.prototype.checkVisibility = () => true;

beforeEach(() => {
  // What resizes the panes has attributes of its own.
  document.body.innerHTML = `
    <nav data-region="views"><button id="rail"></button></nav>
    <div data-pane=""><div data-region="view"><a href="#x" id="crumb"></a><div id="grid" role="treegrid" tabindex="0"></div></div></div>
    <div data-pane=""><aside data-region="inspector"><textarea id="title"></textarea></aside></div>
    <footer data-region="status"><button id="problems"></button></footer>`;
});

const here = () => document.activeElement?.id;

function round(delta: 1 | -1): (string | undefined)[] {
  return [1, 2, 3, 4].map(() => {
    nextPane(delta);
    return here();
  });
}

it('goes round the window and back, in a grid to the grid', () => {
  document.getElementById('grid')?.focus();
  expect(round(1)).toEqual(['title', 'problems', 'rail', 'grid']);
  expect(round(-1)).toEqual(['rail', 'problems', 'title', 'grid']);
});

it('begins at the first or the last, with the keyboard nowhere', () => {
  nextPane(1);
  expect(here()).toBe('rail');
  (document.activeElement as HTMLElement).blur();
  nextPane(-1);
  expect(here()).toBe('problems');
});
