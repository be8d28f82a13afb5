// Find in the outline: the application searches, the outline walks through what it found.

import type { NodeId } from '../../bindings/graph';
import { host } from '../../host';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';

/** The application gives no more, and the best first. */
const MOST_HITS = 500;

export class Find {
  open = $state(false);
  query = $state('');
  /** What was found, from top to bottom. */
  hits = $state.raw<readonly NodeId[]>([]);
  searching = $state(false);
  /** There may be more than was found. */
  isCut = $state(false);
  /** The field is to have the keyboard once it is on screen. */
  wantsKeyboard = false;
  /** Puts the keyboard into the field; set while it is on screen. */
  focusField: (() => void) | null = null;
  #asked = 0;

  readonly found: ReadonlySet<NodeId> = $derived.by(() => new Set(this.open ? this.hits : []));
  /** Position of the selected row among the hits; -1: it is none. */
  readonly at: number = $derived.by(() => this.hits.indexOf(this.project.selection.focus ?? ''));

  constructor(private readonly project: Project) {}

  /** Opens the field, or goes back to it. */
  show(): void {
    this.project.show('outline');
    this.open = true;
    this.wantsKeyboard = true;
    this.focusField?.();
  }

  close(): void {
    this.open = false;
  }

  async search(query: string): Promise<void> {
    this.query = query;
    const asked = ++this.#asked;
    if (query.trim() === '') {
      this.hits = [];
      return;
    }
    this.searching = true;
    try {
      const { hits } = await host.call({ kind: 'find', project: this.project.id, query, limit: MOST_HITS });
      // A later question has overtaken this one.
      if (asked !== this.#asked) return;
      this.isCut = hits.length === MOST_HITS;
      const { tree } = this.project;
      this.hits = tree.inOrder([...new Set(hits.map((hit) => hit.node))].filter((id) => tree.nodes.has(id)));
    } catch (thrown) {
      toasts.fail(thrown);
    } finally {
      if (asked === this.#asked) this.searching = false;
    }
  }

  /** Goes to the next hit, or the one before; round at the ends. */
  go(delta: 1 | -1): void {
    const count = this.hits.length;
    if (count === 0) return;
    const next = this.at < 0 ? (delta > 0 ? 0 : count - 1) : (this.at + delta + count) % count;
    const id = this.hits[next];
    if (id !== undefined) this.project.goTo(id);
  }
}

/** Splits a title into parts that match a word of the query and parts that do not. */
export function marked(title: string, query: string): { text: string; isMatch: boolean }[] {
  const words = query.split(/\s+/u).filter(Boolean).map(plain);
  if (words.length === 0) return [{ text: title, isMatch: false }];
  const parts: { text: string; isMatch: boolean }[] = [];
  const letters = [...title];
  const folded = letters.map(plain);
  for (let at = 0; at < letters.length; ) {
    const length = longestMatch(folded, at, words);
    const last = parts.at(-1);
    const text = letters.slice(at, at + Math.max(1, length)).join('');
    if (last && last.isMatch === length > 0) last.text += text;
    else parts.push({ text, isMatch: length > 0 });
    at += Math.max(1, length);
  }
  return parts;
}

function longestMatch(folded: readonly string[], at: number, words: readonly string[]): number {
  let longest = 0;
  for (const word of words) {
    let text = '';
    let length = 0;
    while (text.length < word.length && at + length < folded.length) text += folded[at + length++] ?? '';
    if (text === word) longest = Math.max(longest, length);
  }
  return longest;
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
