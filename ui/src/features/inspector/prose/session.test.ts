import { ChangeSet, Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../bindings/app';
import type { Splice } from '../../../bindings/graph';
import { ProseSession } from './session';

/** A text shared by several authors: splices of an old state are carried over what came since. */
class SharedText {
  versions = [''];
  steps: ChangeSet[] = [];
  refuse: Failure | null = null;
  gate: Promise<void> = Promise.resolve();

  get text(): string {
    return this.versions.at(-1) ?? '';
  }

  write(base: number, splices: Splice[]): void {
    const length = this.versions[base]?.length ?? 0;
    const ranges = splices.map(({ at, delete: cut, insert }) => ({
      from: at,
      to: at + cut,
      insert,
    }));
    let step = ChangeSet.of(ranges, length);
    for (const later of this.steps.slice(base)) step = step.map(later);
    this.steps.push(step);
    this.versions.push(step.apply(Text.of(this.text.split('\n'))).toString());
  }
}

class Editor {
  text: string;
  failure: Failure | null = null;
  readonly session: ProseSession;

  constructor(readonly shared: SharedText) {
    this.text = shared.text;
    this.session = new ProseSession(
      {
        read: async () => {
          await shared.gate;
          return { text: shared.text, base: String(shared.versions.length - 1) };
        },
        write: async (base, splices) => {
          await shared.gate;
          if (shared.refuse) throw shared.refuse;
          shared.write(Number(base), splices);
        },
        patch: (changes) => (this.text = changes.apply(Text.of(this.text.split('\n'))).toString()),
        report: (failure) => (this.failure = failure),
      },
      { text: shared.text, base: String(shared.versions.length - 1) },
    );
  }

  type(from: number, to: number, insert: string): void {
    const changes = ChangeSet.of({ from, to, insert }, this.text.length);
    this.text = changes.apply(Text.of(this.text.split('\n'))).toString();
    this.session.typed(changes);
  }
}

describe('ProseSession', () => {
  it('sends a burst as splices of the text before it', async () => {
    const shared = new SharedText();
    const editor = new Editor(shared);
    editor.type(0, 0, 'helo');
    editor.type(3, 3, 'l');
    await editor.session.flush();
    expect(shared.text).toBe('hello');
    expect(shared.steps).toHaveLength(1);
    expect(editor.session.dirty).toBe(false);
  });

  it('brings in what others wrote and keeps what is unsent', async () => {
    const shared = new SharedText();
    shared.write(0, [{ at: 0, delete: 0, insert: 'one\ntwo\n' }]);
    const editor = new Editor(shared);
    editor.type(8, 8, 'three');
    shared.write(1, [{ at: 0, delete: 3, insert: 'ONE' }]);
    await editor.session.changed();
    expect(editor.text).toBe('ONE\ntwo\nthree');
    expect(shared.text).toBe('ONE\ntwo\nthree');
  });

  it('loses nothing that is typed while a burst is under way', async () => {
    const shared = new SharedText();
    const editor = new Editor(shared);
    let open = (): void => undefined;
    shared.gate = new Promise((resolve) => (open = resolve));
    editor.type(0, 0, 'first');
    const done = editor.session.flush();
    editor.type(5, 5, ' second');
    shared.write(0, [{ at: 0, delete: 0, insert: 'theirs ' }]);
    open();
    await done;
    expect(editor.text).toBe(shared.text);
    expect([...shared.text.split(' ')].sort()).toEqual(['first', 'second', 'theirs']);
  });

  it('keeps a refused burst and sends it with the next one', async () => {
    const shared = new SharedText();
    const editor = new Editor(shared);
    shared.refuse = { code: 'TOO_LONG', message: 'too long', detail: null };
    editor.type(0, 0, 'a');
    await editor.session.flush();
    expect(editor.failure?.code).toBe('TOO_LONG');
    expect([editor.text, editor.session.dirty]).toEqual(['a', true]);
    shared.refuse = null;
    editor.type(1, 1, 'b');
    await editor.session.flush();
    expect([shared.text, editor.failure]).toEqual(['ab', null]);
  });

  it('makes editors agree whatever they type', async () => {
    let seed = 11;
    const next = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 60; round++) {
      const shared = new SharedText();
      shared.write(0, [{ at: 0, delete: 0, insert: 'shared\ntext\n' }]);
      const editors = [new Editor(shared), new Editor(shared), new Editor(shared)];
      for (let step = 0; step < 25; step++) {
        const editor = editors[next(3)];
        if (!editor) continue;
        const from = next(editor.text.length + 1);
        const to = Math.min(editor.text.length, from + next(3));
        editor.type(from, to, ['x', 'y\n', ''][next(3)] ?? '');
        if (next(3) === 0) await editor.session.flush();
      }
      for (const editor of editors) await editor.session.flush();
      for (const editor of editors) await editor.session.changed();
      expect(editors.map((editor) => editor.text)).toEqual(Array(3).fill(shared.text));
    }
  });
});
