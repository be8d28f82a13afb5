// One open project in this window: its content kept up to date, and what a person does with it.

import type { Changed, ProjectId, Reply } from '../bindings/app';
import type { Command, NodeId, PersonId } from '../bindings/graph';
import { host } from '../host';
import { Attachments } from './attachments.svelte';
import { Content } from './content.svelte';
import { FoldState, type Fold } from './fold';
import { Layout } from './layout.svelte';
import { Membership } from './membership.svelte';
import { Notices } from './notices.svelte';
import { Presence } from './presence.svelte';
import { Room } from './room.svelte';
import { Selection, type Selected } from './selection.svelte';
import { toasts } from './toasts.svelte';
import { whyNot, type Right } from './why_not';

type Applied = Extract<Reply, { kind: 'applied' }>;

/** Above this, a project that is opened for the first time shows its top level only. */
const UNFOLDED_AT_FIRST = 400;

export class Project extends Content {
  readonly selection = new Selection();
  readonly layout: Layout;
  readonly room: Room;
  readonly membership: Membership;
  readonly notices: Notices;
  readonly presence: Presence;
  readonly attachments: Attachments;

  #revision = -1;
  /** Changes that arrived while a snapshot was on its way; null: none is. */
  #early: Changed[] | null = null;
  /** What somebody else removed last. */
  #removed: ReadonlyMap<NodeId, PersonId> = new Map();
  /** What was selected when some of it was removed, and what is selected instead. */
  #lost: { was: Selected; instead: Selected['ids'] } | null = null;
  #listeners = new Set<(changed: Changed) => void>();
  #arrivals = $state(0);
  /** When this window began with it. */
  readonly begun = Date.now();
  #fold = $state.raw(new FoldState({ rule: 'open', except: [] }));

  constructor(readonly id: ProjectId) {
    super();
    this.layout = new Layout(id);
    this.room = new Room(id);
    this.membership = new Membership(id);
    this.notices = new Notices(id);
    this.presence = new Presence(id, this.room);
    this.attachments = new Attachments(id);
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
    const folded = this.tree.ancestors(id).filter((above) => this.#fold.isFolded(above));
    if (folded.length > 0) this.setFolded(folded, false);
  }

  #putFold(fold: FoldState): void {
    if (fold === this.#fold) return;
    this.#fold = fold;
    this.layout.put('fold', fold.without((id) => this.tree.nodes.has(id)).fold);
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
  readonly root: NodeId | null = $derived.by(() => {
    const root = this.layout.get<NodeId | null>('root', null);
    return root !== null && this.node(root) ? root : null;
  });

  setRoot(root: NodeId | null): void {
    this.layout.put('root', root);
  }

  /** Selects a node and brings it to sight in the outline. */
  goTo(id: NodeId): void {
    if (!this.tree.nodes.has(id)) return;
    if (this.root !== null && !this.tree.within(id, this.root)) this.setRoot(null);
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

  /** Why nothing of the project can be changed here; null: it can. Comments are asked about apart. */
  get whyNotWrite(): string | null {
    return this.whyNot('write');
  }

  get whyNotComment(): string | null {
    return this.whyNot('comment');
  }

  whyNot(right: Right): string | null {
    return whyNot(right, this.membership.members, this.needsUpdate);
  }

  /** Sends a command. Rejects with a `Failure` when it is refused. */
  attempt(command: Command): Promise<Applied> {
    toasts.stepped();
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
      toasts.show(`${kind === 'undo' ? 'Undone' : 'Redone'}: ${label}`, { details, action, ofStep: true });
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
    const small = this.tree.nodes.size <= UNFOLDED_AT_FIRST;
    const otherwise: Fold = { rule: small ? 'open' : 'folded', except: small ? [] : [...this.tree.children(null)] };
    this.#fold = new FoldState(this.layout.get('fold', otherwise));
  }

  /** Takes a snapshot. The one way to recover from anything missed. */
  async sync(): Promise<void> {
    if (this.#early) return;
    this.#early = [];
    try {
      const snapshot = await host.call({ kind: 'snapshot', project: this.id });
      this.replace(snapshot);
      this.#revision = snapshot.revision;
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
    const { by } = changed;
    const isTheirs = by !== null && changed.author !== this.author;
    if (isTheirs && changed.removed.length > 0) this.#removed = new Map(changed.removed.map((id) => [id, by]));
    this.update(changed);
    if (changed.removed.length > 0) this.#prune(next);
    if (changed.nodes.length > 0) this.#selectAgain();
    this.#listeners.forEach((listener) => listener(changed));
  }

  #prune(next: NodeId | null): void {
    const { selection, tree } = this;
    const was = { ids: selection.ids, focus: selection.focus };
    selection.prune((id) => tree.nodes.has(id), next);
    if (selection.ids !== was.ids) this.#lost = { was, instead: selection.ids };
  }

  /** What was selected as it went is selected as it comes back, unless one has turned to something else since. */
  #selectAgain(): void {
    if (!this.#lost) return;
    const { was, instead } = this.#lost;
    if (this.selection.ids !== instead) this.#lost = null;
    else if ([...was.ids, ...(was.focus === null ? [] : [was.focus])].every((id) => this.tree.nodes.has(id))) {
      this.#lost = null;
      this.selection.set(was.ids, was.focus, was.focus);
    }
  }

  /** Who has just removed a node, if it was somebody else and is known. */
  removedBy(id: NodeId): string | null {
    const by = this.#removed.get(id);
    return by === undefined ? null : this.personName(by);
  }

  /** Where the focus goes when the focused node vanishes: the sibling after, before, or the parent. */
  #beside(removed: readonly NodeId[]): NodeId | null {
    const focus = this.selection.focus;
    const gone = new Set(removed);
    let at = focus === null ? undefined : this.tree.nodes.get(focus);
    while (at && gone.has(at.id)) {
      const siblings = this.tree.children(at.parent);
      const index = siblings.indexOf(at.id);
      const near = [...siblings.slice(index + 1), ...siblings.slice(0, index).reverse()];
      const sibling = near.find((id) => !gone.has(id));
      if (sibling !== undefined) return sibling;
      at = at.parent === null ? undefined : this.tree.nodes.get(at.parent);
    }
    return at?.id ?? null;
  }
}
