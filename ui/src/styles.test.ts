// Styles that are drawn or matched at a price which no feature is worth, measured in WebKitGTK without a graphics card.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const source = import.meta.dirname;
const COSTLY: readonly [style: RegExp, why: string][] = [
  [/:has\(/, 'what comes and goes beneath lets the engine look at everything around it again'],
  [/(?<![-\w])(backdrop-)?filter:/, 'each element is drawn apart and then once more'],
  [/will-change:/, 'a layer of its own, put together with the others in every frame'],
];

it('has no style that costs more than it is worth', () => {
  const found: string[] = [];
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(css|svelte)$/.test(entry.name)) continue;
    const text = readFileSync(path, 'utf8');
    const styles = entry.name.endsWith('.css') ? text : (/<style>.*<\/style>/s.exec(text)?.[0] ?? '');
    for (const [style, why] of COSTLY) if (style.test(styles)) found.push(`${relative(source, path)}: ${style.source}: ${why}`);
  }
  expect(found).toEqual([]);
});
