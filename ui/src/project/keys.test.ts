import { describe, expect, it } from 'vitest';

import { keyCaps, parseShortcut, pressed } from './keys';

const key = (name: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held,
});

describe('pressed', () => {
  it('names Control as Mod, and Command on Apple machines', () => {
    expect(pressed(key('z', { ctrlKey: true }), false)).toBe('Mod+Z');
    expect(pressed(key('z', { metaKey: true }), true)).toBe('Mod+Z');
    expect(pressed(key('z', { ctrlKey: true }), true)).toBe('Ctrl+Z');
  });

  it('counts Shift for letters and named keys, not for signs', () => {
    expect(pressed(key('Z', { ctrlKey: true, shiftKey: true }), false)).toBe('Mod+Shift+Z');
    expect(pressed(key('Tab', { shiftKey: true }), false)).toBe('Shift+Tab');
    expect(pressed(key('?', { shiftKey: true }), false)).toBe('?');
  });

  it('is nothing while only modifiers are down', () => {
    expect(pressed(key('Control', { ctrlKey: true }), false)).toBe('');
  });
});

describe('parseShortcut', () => {
  it('has one spelling for each shortcut', () => {
    expect(parseShortcut('shift+mod+z')).toBe('Mod+Shift+Z');
    expect(parseShortcut(' Alt + ArrowUp ')).toBe('Alt+ArrowUp');
    expect(parseShortcut('Mod++')).toBe('Mod++');
  });

  it('refuses what is none', () => {
    expect(parseShortcut('')).toBeNull();
    expect(parseShortcut('Mod')).toBeNull();
    expect(parseShortcut('Hyper+Z')).toBeNull();
  });
});

it('shows keys as people know them', () => {
  expect(keyCaps('Mod+Shift+ArrowUp', false)).toEqual(['Ctrl', 'Shift', '↑']);
  expect(keyCaps('Mod+K', true)).toEqual(['⌘', 'K']);
});
