// One open project as the window sees it. Rows live in plain maps; views depend on three counters, so
// that an edit of one node among 100,000 costs the rows that are on screen and no more.

import type { Changed, Frame, HistoryState, ProjectId, Reply } from '../bindings/app';
import type {
  Command,
  FieldId,
  Link,
  LinkId,
  NodeId,
  NodeType,
  OptionId,
  Problem,
  Role,
  Value,
} from '../bindings/graph';
import { host } from '../host';
import { FoldState, type Fold } from './fold';
import { Layout } from './layout.svelte';
import { LinkIndex } from './links';
import { Selection } from './selection.svelte';
import { Definitions } from './template';
import { toasts } from './toasts.svelte';
import { Tree, type Node } from './tree';
import { plainText, type Reader } from './values';

type Applied = Extract<Reply, { kind: 'applied' }>;

/** Above this, a project that is opened for the first time shows its top level only. */
const UNFOLDED_AT_FIRST = 400;

export class Project {
  readonly selection = new Selection();
  readonly layout: Layout;

  #tree = new Tree();
  #revision = -1;
  #author = '';
  /** Changes that arrived while a snapshot was on its way; null: none is. */
  #early: Changed[] | null = null;
  #listeners = new Set<(changed: Changed) => void>();

  #rows = $state(0);
  #shape = $state(0);
  #frame = $state.raw<Frame | null>(null);
  #definitions = $state.raw(new Definitions({ fields: [], types: [] }));
  #links = $state.raw(new LinkIndex([]));
  #problems = $state.raw<readonly Problem[]>([]);
  #trashCount = $state(0);
  #arrivals = $state(0);
  #history = $state.raw<HistoryState>({ undo: null, redo: null });
  #fold = $state.raw(new FoldState({ rule: 'open', except: [] }));

  constructor(readonly id: ProjectId) {
    this.layout = new Layout(id);
  }

  // ---- reading; everything here is reactive ----

  /** A live node. The object is the same until the node changes. */
  node(id: NodeId): Node | undefined {
    void this.#rows;
    return this.#tree.nodes.get(id);
  }

  get nodeCount(): number {
    void this.#shape;
    return this.#tree.nodes.size;
  }

  children(parent: NodeId | null): readonly NodeId[] {
    void this.#shape;
    return this.#tree.children(parent);
  }

  /** The tree, for walks. Depends on who stands where, not on values. */
  get tree(): Tree {
    void this.#shape;
    return this.#tree;
  }

  /** Depends on every change of any row: for what looks at all values. */
  get rows(): ReadonlyMap<NodeId, Node> {
    void this.#rows;
    return this.#tree.nodes;
  }

  get frame(): Frame {
    if (!this.#frame) throw new Error('the project is not loaded');
    return this.#frame;
  }

  get definitions(): Definitions {
    return this.#definitions;
  }

  type(id: NodeId): NodeType | undefined {
    const node = this.node(id);
    return node && this.#definitions.types.get(node.type);
  }

  value(id: NodeId, field: FieldId): Value | undefined {
    return this.node(id)?.values[field];
  }

  /** The value in the first field of the node's type with a role. */
  valueOf(id: NodeId, role: Role): Value | undefined {
    const node = this.node(id);
    const field = node && this.#definitions.withRole(node.type, role);
    return field ? node.values[field.id] : undefined;
  }

  /** Never empty: a node without a title is called by its type. */
  title(id: NodeId): string {
    const value = this.valueOf(id, 'title');
    return (value && plainText(value)) || `Untitled ${this.type(id)?.label.toLowerCase() ?? 'node'}`;
  }

  get links(): LinkIndex {
    return this.#links;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Problems by the node that they are about. */
  readonly problemsOf: ReadonlyMap<NodeId, readonly Problem[]> = $derived.by(() => {
    const byNode = new Map<NodeId, Problem[]>();
    for (const problem of this.#problems) byNode.set(problem.node, [...(byNode.get(problem.node) ?? []), problem]);
    return byNode;
  });

  /** Whether a node's status says that nobody needs to wait for it any more. */
  isSettled(id: NodeId): boolean {
    const value = this.valueOf(id, 'status');
    const category = value && 'option' in value ? this.option(value.option)?.category : null;
    return category === 'done' || category === 'cancelled';
  }

  /** What one needs to show values of this project. */
  get reader(): Reader {
    return { title: (id) => this.title(id), option: (id) => this.option(id), currency: this.frame.currency };
  }

  get trashCount(): number {
    return this.#trashCount;
  }

  get history(): HistoryState {
    return this.#history;
  }

  /** Author of this window's commands. */
  get author(): string {
    return this.#author;
  }

  // ---- fold state, shared by the views that show the tree ----

  get fold(): FoldState {
    return this.#fold;
  }

  setFolded(ids: Iterable<NodeId>, folded: boolean): void {
    this.#putFold(this.#fold.with(ids, folded));
  }

  foldAll(folded: boolean): void {
    this.#putFold(new FoldState({ rule: folded ? 'folded' : 'open', except: [] }));
  }

  /** Opens everything above a node, so that it can be shown. */
  reveal(id: NodeId): void {
    const folded = this.#tree.ancestors(id).filter((above) => this.#fold.isFolded(above));
    if (folded.length > 0) this.setFolded(folded, false);
  }

  #putFold(fold: FoldState): void {
    if (fold === this.#fold) return;
    this.#fold = fold;
    this.layout.put('fold', fold.without((id) => this.#tree.nodes.has(id)).fold);
  }

  // ---- where one is ----

  /** Id of the view in the centre. */
  get view(): string {
    return this.layout.get('view', 'outline');
  }

  show(view: string): void {
    if (view !== this.view) this.layout.put('view', view);
  }

  /** The node at the top of the outline; null: the whole project. */
  get root(): NodeId | null {
    const root = this.layout.get<NodeId | null>('root', null);
    return root !== null && this.node(root) ? root : null;
  }

  setRoot(root: NodeId | null): void {
    this.layout.put('root', root);
  }

  /** Selects a node and brings it to sight in the outline. */
  goTo(id: NodeId): void {
    if (!this.#tree.nodes.has(id)) return;
    if (this.root !== null && !this.#tree.within(id, this.root)) this.setRoot(null);
    this.reveal(id);
    this.selection.only(id);
    this.show('outline');
    this.#arrivals++;
  }

  /** Counts the calls of `goTo`, so that a view scrolls to the focus even when it is the same node again. */
  get arrivals(): number {
    return this.#arrivals;
  }

  // ---- changing ----

  /** Sends a command. Rejects with a `Failure` when it is refused. */
  attempt(command: Command): Promise<Applied> {
    return host.call({ kind: 'apply', project: this.id, command });
  }

  /** Sends a command; when it is refused, a toast says why and the answer is null. */
  async apply(command: Command): Promise<Applied | null> {
    try {
      return await this.attempt(command);
    } catch (thrown) {
      toasts.fail(thrown);
      return null;
    }
  }

  undo = (): Promise<void> => this.#step('undo');
  redo = (): Promise<void> => this.#step('redo');

  async #step(kind: 'undo' | 'redo'): Promise<void> {
    try {
      const { label, skipped } = await host.call({ kind, project: this.id });
      const details = skipped.map(
        ({ what, field, by }) => `${what}, ${field}: left alone${by ? `, ${by} has changed it since` : ''}`,
      );
      const action = kind === 'undo' ? { label: 'Redo', run: this.redo } : { label: 'Undo', run: this.undo };
      toasts.show(`${kind === 'undo' ? 'Undone' : 'Redone'}: ${label}`, { details, action });
    } catch (thrown) {
      toasts.fail(thrown);
    }
  }

  // ---- following ----

  /** Hears every change after it was absorbed. */
  onChanged(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** First load: the remembered layout and the whole project. */
  async load(): Promise<void> {
    await Promise.all([this.layout.load(), this.sync()]);
    const small = this.#tree.nodes.size <= UNFOLDED_AT_FIRST;
    const otherwise: Fold = { rule: small ? 'open' : 'folded', except: small ? [] : [...this.#tree.children(null)] };
    this.#fold = new FoldState(this.layout.get('fold', otherwise));
  }

  /** Takes a snapshot. The one way to recover from anything missed. */
  async sync(): Promise<void> {
    if (this.#early) return;
    this.#early = [];
    try {
      const snapshot = await host.call({ kind: 'snapshot', project: this.id });
      this.#tree = new Tree(snapshot.nodes);
      this.#revision = snapshot.revision;
      this.#author = snapshot.author;
      this.#links = new LinkIndex(snapshot.links);
      this.#putFrame(snapshot.frame);
      this.#problems = snapshot.problems;
      this.#trashCount = snapshot.trashCount;
      this.#history = snapshot.history;
      this.#rows++;
      this.#shape++;
    } finally {
      const early = this.#early;
      this.#early = null;
      early.forEach((changed) => this.absorb(changed));
    }
  }

  /** Takes over a change. Knowing it already does no harm; missing one brings a snapshot. */
  absorb(changed: Changed): void {
    if (this.#early) {
      this.#early.push(changed);
      return;
    }
    if (changed.revision <= this.#revision) return;
    if (changed.since > this.#revision) {
      void this.sync().catch((thrown) => toasts.fail(thrown));
      return;
    }
    this.#revision = changed.revision;
    const next = this.#beside(changed.removed);
    if (changed.frame) this.#putFrame(changed.frame);
    if (this.#tree.absorb(changed.nodes, changed.removed)) this.#shape++;
    if (changed.nodes.length > 0 || changed.removed.length > 0) this.#rows++;
    if (changed.links.length > 0 || changed.unlinked.length > 0) {
      this.#links = this.#links.with(changed.links, changed.unlinked);
    }
    if (changed.problems) this.#problems = changed.problems;
    this.#trashCount = changed.trashCount;
    this.#history = changed.history;
    if (changed.removed.length > 0) this.selection.prune((id) => this.#tree.nodes.has(id), next);
    this.#listeners.forEach((listener) => listener(changed));
  }

  /** Where the focus goes when the focused node vanishes: the sibling after, before, or the parent. */
  #beside(removed: readonly NodeId[]): NodeId | null {
    const focus = this.selection.focus;
    const gone = new Set(removed);
    let at = focus === null ? undefined : this.#tree.nodes.get(focus);
    while (at && gone.has(at.id)) {
      const siblings = this.#tree.children(at.parent);
      const index = siblings.indexOf(at.id);
      const near = [...siblings.slice(index + 1), ...siblings.slice(0, index).reverse()];
      const sibling = near.find((id) => !gone.has(id));
      if (sibling !== undefined) return sibling;
      at = at.parent === null ? undefined : this.#tree.nodes.get(at.parent);
    }
    return at?.id ?? null;
  }

  #putFrame(frame: Frame): void {
    this.#frame = frame;
    this.#definitions = new Definitions(frame.template);
  }

  option(id: OptionId) {
    return this.#definitions.options.get(id);
  }

  link(id: LinkId): Link | undefined {
    return this.#links.get(id);
  }
}
