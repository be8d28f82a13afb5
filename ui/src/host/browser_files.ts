// Files in a browser: it knows no paths. What is picked or dropped is brought to the application, which says under which
// path it has it; what is to be written gets a path there, and is fetched once it is written.

import type { FileDrag, FileKind } from './index';
import { hostFailure, unwrap } from './answer';
import { ask } from './visit';

/** Where to fetch what the application is asked to write, by its path. */
const targets = new Map<string, { address: string; name: string }>();

/** Lets a file be chosen, and brings it. */
export async function pickFile(_: string, kinds: FileKind[]): Promise<string | null> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = kinds.flatMap(({ extensions }) => extensions.map((extension) => `.${extension}`)).join(',');
  const file = await new Promise<File | null>((done) => {
    input.addEventListener('change', () => done(input.files?.[0] ?? null));
    input.addEventListener('cancel', () => done(null));
    input.click();
  });
  return file && bring(file);
}

/** A path to write to; the file goes where the browser keeps what is fetched. */
export async function pickTarget(_: string, name: string): Promise<string> {
  const { path, address } = await answered<{ path: string; address: string }>(ask(`/files/out?${nameOf(name)}`, { method: 'POST' }));
  targets.set(path, { address, name });
  return path;
}

/** Fetches what was written to a path, if the path is one of ours. */
export function deliver(path: string): void {
  const target = targets.get(path);
  if (!target) return;
  targets.delete(path);
  const link = document.createElement('a');
  link.href = target.address;
  link.download = target.name;
  link.click();
}

async function bring(file: File): Promise<string> {
  const { path } = await answered<{ path: string }>(ask(`/files/in?${nameOf(file.name)}`, { method: 'POST', body: file }));
  return path;
}

const nameOf = (name: string) => new URLSearchParams({ name }).toString();

async function answered<T>(asked: Promise<Response>): Promise<T> {
  const response = await asked.catch((thrown: unknown) => {
    throw hostFailure('FILE_NOT_BROUGHT', 'The file did not get to Talus Tally.', thrown);
  });
  const text = await response.text();
  if (!response.ok) unwrap(text);
  return JSON.parse(text) as T;
}

/** One subscription for the page, however many parts of it listen. */
const listeners = new Set<(drag: FileDrag) => void>();
let isFollowing = false;

export function dropFiles(handler: (drag: FileDrag) => void): () => void {
  if (!isFollowing) followDrags();
  listeners.add(handler);
  return () => listeners.delete(handler);
}

function followDrags(): void {
  isFollowing = true;
  const tell = (drag: FileDrag) => listeners.forEach((listener) => listener(drag));
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    tell({ kind: 'over', paths: null, x: event.clientX, y: event.clientY });
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) tell({ kind: 'left' });
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const { clientX: x, clientY: y } = event;
    tell({ kind: 'left' });
    void Promise.all([...(event.dataTransfer?.files ?? [])].map(bring)).then((paths) => tell({ kind: 'dropped', paths, x, y }));
  });
}
