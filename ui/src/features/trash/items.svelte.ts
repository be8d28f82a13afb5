// What is in the trash; read again whenever it may differ.

import type { TrashItem } from '../../bindings/app';
import type { NodeId } from '../../bindings/graph';
import { host } from '../../host';
import { isFailure } from '../../host/answer';
import type { Project } from '../../project/project.svelte';

export class TrashList {
  /** Newest first; null: not read yet. */
  #items = $state.raw<readonly TrashItem[] | null>(null);
  #error = $state<string | null>(null);
  #asked = 0;

  constructor(readonly project: Project) {}

  get items(): readonly TrashItem[] | null {
    return this.#items;
  }

  get error(): string | null {
    return this.#error;
  }

  async read(): Promise<void> {
    const ask = ++this.#asked;
    try {
      const { items } = await host.call({ kind: 'readTrash', project: this.project.id });
      if (ask !== this.#asked) return;
      this.#items = items;
      this.#error = null;
    } catch (thrown) {
      this.#error = isFailure(thrown) ? thrown.message : String(thrown);
    }
  }

  restore(nodes: NodeId[]): Promise<unknown> {
    return this.project.apply({ kind: 'restoreNodes', nodes });
  }

  purge(nodes: NodeId[]): Promise<unknown> {
    return this.project.apply({ kind: 'purgeNodes', nodes });
  }
}

/** How many nodes items hold. */
export function nodeCount(items: readonly TrashItem[]): number {
  return items.reduce((sum, item) => sum + item.nodeCount, 0);
}
