// Imports go down only: shell -> features -> project -> host; features -> kit; anyone -> bindings.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

const source = import.meta.dirname;
const MAY_USE: Record<string, readonly string[]> = {
  bindings: [],
  host: ['bindings'],
  kit: ['bindings'],
  project: ['host', 'bindings'],
  features: ['project', 'kit', 'host', 'bindings'],
  shell: ['features', 'project', 'kit', 'host', 'bindings'],
};

/** The layer of a file, and for features which one: they do not know each other. */
function layerOf(path: string): string {
  const [layer = '', feature = ''] = relative(source, path).split(sep);
  return layer === 'features' ? `features/${feature}` : layer;
}

it('has no import that goes up or sideways', () => {
  const wrong: string[] = [];
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(ts|svelte)$/.test(entry.name) || dirname(path) === source) continue;
    const from = layerOf(path);
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)) {
      const to = layerOf(join(dirname(path), target));
      const allowed = from === to || MAY_USE[from.split('/')[0] ?? '']?.includes(to.split('/')[0] ?? '');
      if (!allowed) wrong.push(`${relative(source, path)} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});
