// Which nodes are folded. Stored as exceptions to a rule, so that "fold all" of a large project is short.

import type { NodeId } from '../bindings/graph';

export interface Fold {
  readonly rule: 'open' | 'folded';
  readonly except: readonly NodeId[];
}

export class FoldState {
  #except: ReadonlySet<NodeId>;

  constructor(readonly fold: Fold) {
    this.#except = new Set(fold.except);
  }

  isFolded(id: NodeId): boolean {
    return (this.fold.rule === 'folded') !== this.#except.has(id);
  }

  /** The state with some nodes folded or open; itself when nothing differs. */
  with(ids: Iterable<NodeId>, folded: boolean): FoldState {
    const except = new Set(this.#except);
    for (const id of ids) {
      if (folded === (this.fold.rule === 'folded')) except.delete(id);
      else except.add(id);
    }
    if (except.size === this.#except.size && [...except].every((id) => this.#except.has(id))) return this;
    return new FoldState({ rule: this.fold.rule, except: [...except] });
  }

  /** The state without nodes that are gone. */
  without(isLive: (id: NodeId) => boolean): FoldState {
    return new FoldState({ rule: this.fold.rule, except: this.fold.except.filter(isLive) });
  }
}
