// What is selected, for all views at once.

import type { NodeId } from '../bindings/graph';

const NOTHING: ReadonlySet<NodeId> = new Set();
/** Longer than the repetition of a held key, too short to be noticed. */
const SETTLES_AFTER_MS = 50;

/** What is selected, as one value. */
export interface Selected {
  readonly ids: ReadonlySet<NodeId>;
  readonly focus: NodeId | null;
}

export class Selection {
  #ids = $state.raw<ReadonlySet<NodeId>>(NOTHING);
  #focus = $state.raw<NodeId | null>(null);
  #settled = $state.raw<Selected>({ ids: NOTHING, focus: null });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where a range started. */
  anchor: NodeId | null = null;

  get ids(): ReadonlySet<NodeId> {
    return this.#ids;
  }

  /** The node that the keyboard acts on and the inspector shows; selected or not. */
  get focus(): NodeId | null {
    return this.#focus;
  }

  /** The selected node, when it is exactly one. */
  get single(): NodeId | null {
    return this.#ids.size === 1 ? (this.#ids.values().next().value ?? null) : null;
  }

  /** What the inspector shows: what is selected, else the node that the keyboard is at. */
  get shown(): readonly NodeId[] {
    if (this.#ids.size > 0) return [...this.#ids];
    return this.#focus === null ? [] : [this.#focus];
  }

  /** What was selected a moment ago: for what is too heavy to follow every step of a held arrow key. */
  get settled(): Selected {
    return this.#settled;
  }

  has(id: NodeId): boolean {
    return this.#ids.has(id);
  }

  /** Selects one node, or none. */
  only(id: NodeId | null): void {
    this.set(id === null ? NOTHING : [id], id, id);
  }

  /** Selects many. The anchor stays unless one is given. */
  set(ids: Iterable<NodeId>, focus: NodeId | null, anchor: NodeId | null = this.anchor): void {
    this.#ids = new Set(ids);
    this.#focus = focus;
    this.anchor = anchor;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.settle(), SETTLES_AFTER_MS);
  }

  /** Waits no longer: for whoever goes to what follows the selection. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#settled = { ids: this.#ids, focus: this.#focus };
  }

  toggle(id: NodeId): void {
    const ids = new Set(this.#ids);
    if (!ids.delete(id)) ids.add(id);
    this.set(ids, id, id);
  }

  /** Forgets nodes that are gone; the focus goes to `next`. */
  prune(isLive: (id: NodeId) => boolean, next: NodeId | null): void {
    const ids = [...this.#ids].filter(isLive);
    if (this.anchor !== null && !isLive(this.anchor)) this.anchor = null;
    const focus = this.#focus === null || isLive(this.#focus) ? this.#focus : next;
    if (ids.length === 0 && focus !== this.#focus && focus !== null) this.only(focus);
    else if (ids.length < this.#ids.size || focus !== this.#focus) this.set(ids, focus);
  }
}
