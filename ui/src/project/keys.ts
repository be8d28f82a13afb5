// Shortcuts as text: `Mod+Shift+Z`, `Alt+ArrowUp`, `F2`, `?`. Mod is Command on Apple machines, else Control.

const apple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

const MODIFIERS = ['Mod', 'Ctrl', 'Alt', 'Shift'] as const;
const APPLE_SIGNS: Record<string, string> = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧' };
const KEY_NAMES: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
  Space: 'Space',
};

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** The shortcut that an event is; empty while only modifiers are down. */
export function pressed(event: Pressed, onApple = apple): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  if (['Control', 'Meta', 'Alt', 'Shift', 'Dead', 'AltGraph', 'Process', 'Unidentified'].includes(key)) return '';
  const mod = onApple ? event.metaKey : event.ctrlKey;
  const ctrl = onApple && event.ctrlKey;
  // Shift is part of a sign such as `?`, but a modifier of a letter or a named key.
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  const parts = [mod && 'Mod', ctrl && 'Ctrl', event.altKey && 'Alt', event.shiftKey && !isSign && 'Shift'];
  return [...parts.filter(Boolean), key.length === 1 ? key.toUpperCase() : key].join('+');
}

/** The one spelling of a shortcut, or null when it is none. */
export function parseShortcut(text: string): string | null {
  const parts = (text.endsWith('++') ? [...text.slice(0, -2).split('+'), '+'] : text.split('+')).map((part) =>
    part.trim(),
  );
  const key = parts.pop();
  if (!key || MODIFIERS.some((modifier) => modifier === key)) return null;
  const named = new Set(parts.map((part) => part[0]?.toUpperCase() + part.slice(1).toLowerCase()));
  const known = MODIFIERS.filter((modifier) => named.has(modifier));
  if (known.length !== named.size) return null;
  return [...known, key.length === 1 ? key.toUpperCase() : key].join('+');
}

/** A shortcut's keys as people read them, one for each cap. */
export function keyCaps(shortcut: string, onApple = apple): string[] {
  const parts = shortcut === '+' ? ['+'] : shortcut.endsWith('++') ? [...shortcut.slice(0, -2).split('+'), '+'] : shortcut.split('+');
  return parts.map((part) => {
    if (onApple && part in APPLE_SIGNS) return APPLE_SIGNS[part] ?? part;
    return part === 'Mod' ? 'Ctrl' : (KEY_NAMES[part] ?? part);
  });
}

/** `Ctrl Shift Z`, for tooltips and screen readers. */
export const shortcutText = (shortcut: string): string => keyCaps(shortcut).join(' ');

/** `Control+Shift+Z`, for aria-keyshortcuts. */
export const ariaShortcut = (shortcut: string): string =>
  shortcut.replace('Mod', apple ? 'Meta' : 'Control').replace('Ctrl', 'Control');
