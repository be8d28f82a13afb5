// Find in the outline: the application searches, the outline walks through what it found.

import type { Hit } from '../../bindings/app';
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
  /** Where one was when one began to type. */
  #from: NodeId | null = null;
  /** What typing has opened on the way; typing on closes it again. */
  #opened: readonly NodeId[] = [];
  #hits = $state.raw<ReadonlyMap<NodeId, Hit>>(new Map());

  readonly found: ReadonlySet<NodeId> = $derived.by(() => new Set(this.open ? this.hits : []));
  /** Position of the selected row among the hits; -1: it is none. */
  readonly at: number = $derived.by(() => this.hits.indexOf(this.project.selection.focus ?? ''));

  /** Where the words stand in the selected row, if it is not in its title. */
  readonly place: { label: string; excerpt: string } | null = $derived.by(() => {
    const hit = this.open && this.at >= 0 ? this.#hits.get(this.hits[this.at] ?? '') : undefined;
    if (!hit) return null;
    const { field, node, excerpt } = hit;
    if (field === null) return { label: 'a comment', excerpt };
    const { project } = this;
    const isTitle = project.definitions.withRole(project.node(node)?.type ?? '', 'title')?.id === field;
    return isTitle ? null : { label: project.field(field)?.label ?? 'a field', excerpt };
  });

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

  /** The field has the keyboard: what is typed is looked for from the selected row on. */
  begin(): void {
    this.#from = this.project.selection.focus;
    this.#opened = [];
  }

  /** Searches, and shows the first hit at or after the row where one began. */
  async type(query: string): Promise<void> {
    if (!(await this.search(query))) return;
    const { project } = this;
    const { root, tree } = project;
    // What is typed leads nobody out of the branch that is shown; Enter does.
    const near = this.hits.filter((id) => root === null || tree.within(id, root));
    const first = this.#next(near, this.#from, 1);
    if (this.#opened.length > 0) project.setFolded(this.#opened, true);
    this.#opened = first === undefined ? [] : tree.ancestors(first).filter((above) => project.fold.isFolded(above));
    if (first !== undefined) project.goTo(first);
  }

  /** Answers whether what was found is still wanted. */
  async search(query: string): Promise<boolean> {
    this.query = query;
    const asked = ++this.#asked;
    if (query.trim() === '') {
      this.hits = [];
      return true;
    }
    this.searching = true;
    try {
      const { hits } = await host.call({ kind: 'find', project: this.project.id, query, limit: MOST_HITS });
      // A later question has overtaken this one.
      if (asked !== this.#asked) return false;
      this.isCut = hits.length === MOST_HITS;
      const { tree } = this.project;
      // The best place of a node comes first.
      this.#hits = new Map(hits.toReversed().map((hit) => [hit.node, hit]));
      this.hits = tree.inOrder([...new Set(hits.map((hit) => hit.node))].filter((id) => tree.nodes.has(id)));
      return true;
    } catch (thrown) {
      toasts.fail(thrown);
      return false;
    } finally {
      if (asked === this.#asked) this.searching = false;
    }
  }

  /** Goes to the next hit, or the one before; round at the ends. */
  go(delta: 1 | -1): void {
    const { hits, at, project } = this;
    const count = hits.length;
    const id = at < 0 ? this.#next(hits, project.selection.focus, delta) : hits[(at + delta + count) % count];
    if (id === undefined) return;
    project.goTo(id);
    this.begin();
  }

  /** The hit at a row or after it (or at it or before it) in the order of the tree; round at the ends. */
  #next(hits: readonly NodeId[], from: NodeId | null, delta: 1 | -1): NodeId | undefined {
    const { tree } = this.project;
    const towards = delta > 0 ? hits : hits.toReversed();
    if (from === null || !tree.nodes.has(from)) return towards[0];
    const order = tree.inOrder([...new Set([...hits, from])]);
    const passed = new Set(delta > 0 ? order.slice(0, order.indexOf(from)) : order.slice(order.indexOf(from) + 1));
    return towards.find((id) => !passed.has(id)) ?? towards[0];
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
