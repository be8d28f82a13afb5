// What can be found by its title in the palette.

import type { NodeId } from '../bindings/graph';
import type { Project } from '../project/project.svelte';
import type { Node } from '../project/tree';

export interface Titled {
  readonly node: NodeId;
  readonly title: string;
}

/** A node is asked for its title once, for as long as it and the template stay as they are. */
export class Titles {
  readonly #known = new WeakMap<Node, Titled>();

  constructor(private readonly project: Project) {}

  all(): Titled[] {
    return Array.from(this.project.rows.values(), (node) => this.#known.get(node) ?? this.#ask(node));
  }

  #ask(node: Node): Titled {
    const titled = { node: node.id, title: this.project.title(node.id) };
    this.#known.set(node, titled);
    return titled;
  }
}
