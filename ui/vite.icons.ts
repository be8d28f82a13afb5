// Lucide's drawings as plain SVG markup by name, aliases included. One component per icon would cost a
// component instance for every row on screen; a string costs nothing.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const MODULE = 'virtual:icons';

type Shape = [tag: string, attributes: Record<string, string>];

export function lucideIcons(): Plugin {
  return {
    name: 'lucide-icons',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load: (id) => (id === `\0${MODULE}` ? `export default JSON.parse(${JSON.stringify(JSON.stringify(drawings()))})` : undefined),
  };
}

function drawings(): Record<string, string> {
  const folder = fileURLToPath(new URL('./node_modules/@lucide/svelte/dist/icons', import.meta.url));
  const found: Record<string, string> = {};
  const aliases: [string, string][] = [];
  for (const file of readdirSync(folder).sort()) {
    const [name = '', ...ending] = file.split('.');
    const source = () => readFileSync(join(folder, file), 'utf8');
    if (ending.join('.') === 'svelte') found[name] = markup(source());
    if (ending.join('.') === 'js') aliases.push([name, /from "\.\/(.+)\.svelte"/.exec(source())?.[1] ?? '']);
  }
  for (const [name, target] of aliases) found[name] ??= found[target] ?? '';
  return Object.fromEntries(Object.entries(found).filter(([, drawing]) => drawing !== ''));
}

function markup(source: string): string {
  const shapes = JSON.parse(/"node": (\[\[.*?\]\])/.exec(source)?.[1] ?? '[]') as Shape[];
  const attributes = (of: Record<string, string>) =>
    Object.entries(of)
      .map(([name, value]) => ` ${name}="${value}"`)
      .join('');
  return shapes.map(([tag, of]) => `<${tag}${attributes(of)}/>`).join('');
}
