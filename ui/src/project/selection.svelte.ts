// What is selected, for all views at once.

import type { NodeId } from '../bindings/graph';

const NOTHING: ReadonlySet<NodeId> = new Set();

export class Selection {
  #ids = $state.raw<ReadonlySet<NodeId>>(NOTHING);
  #focus = $state.raw<NodeId | null>(null);
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

  has(id: NodeId): boolean {
    return this.#ids.has(id);
  }

  /** Selects one node, or none. */
  only(id: NodeId | null): void {
    this.#ids = id === null ? NOTHING : new Set([id]);
    this.#focus = id;
    this.anchor = id;
  }

  /** Selects many. The anchor stays unless one is given. */
  set(ids: Iterable<NodeId>, focus: NodeId | null, anchor: NodeId | null = this.anchor): void {
    this.#ids = new Set(ids);
    this.#focus = focus;
    this.anchor = anchor;
  }

  toggle(id: NodeId): void {
    const ids = new Set(this.#ids);
    if (!ids.delete(id)) ids.add(id);
    this.set(ids, id, id);
  }

  /** Forgets nodes that are gone; the focus goes to `next`. */
  prune(isLive: (id: NodeId) => boolean, next: NodeId | null): void {
    const gone = [...this.#ids].some((id) => !isLive(id));
    if (gone) this.#ids = new Set([...this.#ids].filter(isLive));
    if (this.anchor !== null && !isLive(this.anchor)) this.anchor = null;
    if (this.#focus === null || isLive(this.#focus)) return;
    this.#focus = next;
    if (this.#ids.size === 0 && next !== null) this.only(next);
  }
}
