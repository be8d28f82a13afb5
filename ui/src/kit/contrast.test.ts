// Contrast of the tokens as WCAG 2.2 computes it: 4.5 for text, 3 for edges of controls and signs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Tokens = Readonly<Record<string, string>>;

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

function tokensOf(theme: string): Tokens {
  const block = css.slice(css.indexOf(`[data-theme='${theme}'] {`));
  const lines = block.slice(0, block.indexOf('}')).matchAll(/--([\w-]+): (#[0-9a-f]{6})/g);
  return Object.fromEntries([...lines].map(([, name = '', colour = '']) => [name, colour]));
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = 4.5;
const SIGN = 3;
const EVERYWHERE = ['bg', 'surface', 'raised', 'overlay', 'selection'];
const PAIRS: readonly (readonly [colours: readonly string[], on: readonly string[], least: number])[] = [
  [['text', 'text-2'], EVERYWHERE, TEXT],
  [['text-3'], ['bg', 'surface'], TEXT],
  [['accent-text', 'ok', 'warn', 'danger', 'info'], ['bg', 'surface', 'overlay'], TEXT],
  [['link-kind'], ['bg', 'surface'], TEXT],
  [['on-accent'], ['accent'], TEXT],
  [['line-strong'], ['bg', 'surface'], SIGN],
  [['accent'], EVERYWHERE, SIGN],
];

describe.each(['dark', 'light', 'highContrast'])('the theme %s', (theme) => {
  const tokens = tokensOf(theme);
  const cases = PAIRS.flatMap(([colours, grounds, least]) =>
    colours.flatMap((colour) => grounds.map((ground) => [colour, ground, least] as const)),
  );
  it.each(cases)('lets %s be read on %s', (colour, ground, least) => {
    expect(contrast(tokens[colour] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(least);
  });
});
