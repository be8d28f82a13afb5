// Links by their ends. Replaced whole when links change.

import type { Link, LinkId, NodeId } from '../bindings/graph';

const NONE: readonly Link[] = [];

export class LinkIndex {
  #byId: Map<LinkId, Link>;
  #from = new Map<NodeId, Link[]>();
  #to = new Map<NodeId, Link[]>();

  constructor(links: Iterable<Link>) {
    this.#byId = new Map();
    for (const link of links) this.#byId.set(link.id, link);
    for (const link of this.#byId.values()) {
      append(this.#from, link.from, link);
      append(this.#to, link.to, link);
    }
  }

  with(changed: readonly Link[], gone: readonly LinkId[]): LinkIndex {
    const next = new Map(this.#byId);
    for (const id of gone) next.delete(id);
    for (const link of changed) next.set(link.id, link);
    return new LinkIndex(next.values());
  }

  get(id: LinkId): Link | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Link> {
    return this.#byId.values();
  }

  /** Links that start at a node: what it blocks, or relates to. */
  from(node: NodeId): readonly Link[] {
    return this.#from.get(node) ?? NONE;
  }

  /** Links that end at a node: what blocks it, or relates to it. */
  to(node: NodeId): readonly Link[] {
    return this.#to.get(node) ?? NONE;
  }

  /** Nodes that block a node. */
  blockers(node: NodeId): NodeId[] {
    return this.to(node)
      .filter((link) => link.relation !== 'relatesTo')
      .map((link) => link.from);
  }
}

function append(map: Map<NodeId, Link[]>, key: NodeId, link: Link): void {
  const list = map.get(key);
  if (list) list.push(link);
  else map.set(key, [link]);
}
