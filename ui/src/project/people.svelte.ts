// The nodes that are people. Followed change by change, as projects have few of them among many.

import type { Row } from '../bindings/app';
import type { NodeId, TypeId } from '../bindings/graph';
import type { Definitions } from './template';

export class People {
  /** Another set whenever somebody comes or goes. */
  #ids = $state.raw<ReadonlySet<NodeId>>(new Set());
  #types: ReadonlySet<TypeId> = new Set();

  get ids(): ReadonlySet<NodeId> {
    return this.#ids;
  }

  /** Starts anew: with all nodes, or when the types are others. */
  replace(nodes: Iterable<{ readonly id: NodeId; readonly type: TypeId }>, { template }: Definitions): void {
    this.#types = new Set(template.types.filter(({ traits }) => traits.includes('person')).map(({ id }) => id));
    const ids = new Set<NodeId>();
    for (const { id, type } of nodes) if (this.#types.has(type)) ids.add(id);
    this.#ids = ids;
  }

  absorb(rows: readonly Row[], removed: readonly NodeId[]): void {
    const come = rows.filter(([id, , , type]) => this.#types.has(type) && !this.#ids.has(id)).map(([id]) => id);
    const gone = new Set([
      ...rows.filter(([id, , , type]) => !this.#types.has(type) && this.#ids.has(id)).map(([id]) => id),
      ...removed.filter((id) => this.#ids.has(id)),
    ]);
    if (come.length > 0 || gone.size > 0) this.#ids = new Set([...this.#ids, ...come].filter((id) => !gone.has(id)));
  }
}
