// The live nodes of a project as plain maps. Knows no reactivity, so 100,000 rows cost what they weigh.

import type { Row } from '../bindings/app';
import type { FieldId, NodeId, TypeId, Value } from '../bindings/graph';

/** One live node. Never changed in place: a change brings a new object. */
export interface Node {
  readonly id: NodeId;
  readonly parent: NodeId | null;
  readonly order: string;
  readonly type: TypeId;
  readonly values: { readonly [field: FieldId]: Value };
}

const NONE: readonly NodeId[] = [];

export class Tree {
  readonly nodes = new Map<NodeId, Node>();
  #children = new Map<NodeId | null, NodeId[]>();

  constructor(rows: readonly Row[] = []) {
    this.absorb(rows, []);
  }

  /** Children in order; of null: the top level. */
  children(parent: NodeId | null): readonly NodeId[] {
    return this.#children.get(parent) ?? NONE;
  }

  /** Takes over rows and removals. Returns whether the shape (who stands where) differs. */
  absorb(rows: readonly Row[], removed: readonly NodeId[]): boolean {
    const dirty = new Set<NodeId | null>();
    const arrived = new Map<NodeId | null, NodeId[]>();
    for (const [id, parent, order, type, values] of rows) {
      const before = this.nodes.get(id);
      this.nodes.set(id, { id, parent, order, type, values });
      if (before?.parent === parent && before.order === order) continue;
      if (before) dirty.add(before.parent);
      dirty.add(parent);
      // Those who stay under their parent are still in its list.
      if (before && before.parent === parent) continue;
      const list = arrived.get(parent);
      if (list) list.push(id);
      else arrived.set(parent, [id]);
    }
    for (const id of removed) {
      const before = this.nodes.get(id);
      if (!before) continue;
      this.nodes.delete(id);
      dirty.add(before.parent);
      dirty.delete(id);
      this.#children.delete(id);
    }
    for (const parent of dirty) this.#relist(parent, arrived.get(parent) ?? NONE);
    return dirty.size > 0;
  }

  #relist(parent: NodeId | null, arrived: readonly NodeId[]): void {
    const stayed = this.children(parent).filter((id) => this.nodes.get(id)?.parent === parent);
    const list = [...new Set([...stayed, ...arrived])].filter((id) => this.nodes.has(id));
    if (list.length === 0) this.#children.delete(parent);
    else this.#children.set(parent, list.sort((a, b) => this.#compare(a, b)));
  }

  /** Siblings sort by (order, id), both as ASCII. */
  #compare(a: NodeId, b: NodeId): number {
    const x = this.nodes.get(a)?.order ?? '';
    const y = this.nodes.get(b)?.order ?? '';
    if (x !== y) return x < y ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** From the top level down to the node's parent. */
  ancestors(id: NodeId): NodeId[] {
    const path: NodeId[] = [];
    let at = this.nodes.get(id)?.parent ?? null;
    while (at !== null) {
      path.push(at);
      at = this.nodes.get(at)?.parent ?? null;
    }
    return path.reverse();
  }

  /** Whether `id` is `root` or stands somewhere beneath it. */
  within(id: NodeId | null, root: NodeId): boolean {
    for (let at = id; at !== null; at = this.nodes.get(at)?.parent ?? null) {
      if (at === root) return true;
    }
    return false;
  }

  /** How many nodes stand beneath. */
  descendantCount(id: NodeId): number {
    let count = 0;
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const children = this.children(at);
      count += children.length;
      open.push(...children);
    }
    return count;
  }

  /** Those of the ids that have no ancestor among them, in the order of the tree. */
  roots(ids: Iterable<NodeId>): NodeId[] {
    const chosen = new Set(ids);
    const roots = [...chosen].filter(
      (id) => this.nodes.has(id) && !this.ancestors(id).some((above) => chosen.has(above)),
    );
    return this.inOrder(roots);
  }

  /** The ids from top to bottom, as an unfolded outline shows them. */
  inOrder(ids: readonly NodeId[]): NodeId[] {
    const keyed = ids.map((id) => ({ id, path: [...this.ancestors(id), id] }));
    keyed.sort((a, b) => {
      for (let depth = 0; ; depth++) {
        const x = a.path[depth];
        const y = b.path[depth];
        if (x === undefined || y === undefined) return a.path.length - b.path.length;
        if (x !== y) return this.#compare(x, y);
      }
    });
    return keyed.map(({ id }) => id);
  }
}
