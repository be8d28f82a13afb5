// Lucide's drawings as plain SVG markup by name, aliases included. One component per icon would cost a
// component instance for every row on screen; a string costs nothing. `virtual:icons` has those that the window and the
// built-in templates name, `virtual:icons/all` has the others too: they are half a megabyte that a start need not read.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const NAMED = 'virtual:icons';
const ALL = 'virtual:icons/all';

type Shape = [tag: string, attributes: Record<string, string>];
type Drawings = Record<string, string>;

export function lucideIcons(): Plugin {
  const modules: Record<string, () => Drawings> = { [NAMED]: named, [ALL]: drawings };
  return {
    name: 'lucide-icons',
    resolveId: (id) => (id in modules ? `\0${id}` : undefined),
    load: (id) => {
      const make = modules[id.slice(1)];
      return make && `export default JSON.parse(${JSON.stringify(JSON.stringify(make()))})`;
    },
  };
}

let found: Drawings | null = null;

function drawings(): Drawings {
  found ??= read();
  return found;
}

function read(): Drawings {
  const folder = fileURLToPath(new URL('./node_modules/@lucide/svelte/dist/icons', import.meta.url));
  const known: Drawings = {};
  const aliases: [string, string][] = [];
  for (const file of readdirSync(folder).sort()) {
    const [name = '', ...ending] = file.split('.');
    const source = () => readFileSync(join(folder, file), 'utf8');
    if (ending.join('.') === 'svelte') known[name] = markup(source());
    if (ending.join('.') === 'js') aliases.push([name, /from "\.\/(.+)\.svelte"/.exec(source())?.[1] ?? '']);
  }
  for (const [name, target] of aliases) known[name] ??= known[target] ?? '';
  return Object.fromEntries(Object.entries(known).filter(([, drawing]) => drawing !== ''));
}

/** Every word of our sources and templates that is the name of an icon; a word too many costs nothing. */
function named(): Drawings {
  const words = new Set(texts().flatMap((text) => text.match(/[a-z][a-z0-9-]+/g) ?? []));
  return Object.fromEntries(Object.entries(drawings()).filter(([name]) => words.has(name)));
}

function texts(): string[] {
  const folders = ['./src', '../templates'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(svelte|ts|yaml)$/.test(entry.name) && !/\.test\.ts$|IconPicker/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
}

function markup(source: string): string {
  const shapes = JSON.parse(/"node": (\[\[.*?\]\])/.exec(source)?.[1] ?? '[]') as Shape[];
  const attributes = (of: Record<string, string>) =>
    Object.entries(of)
      .map(([name, value]) => ` ${name}="${value}"`)
      .join('');
  return shapes.map(([tag, of]) => `<${tag}${attributes(of)}/>`).join('');
}
