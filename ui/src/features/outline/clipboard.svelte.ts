// Nodes that were copied, for this window: they can be pasted into another project.

import type { Clipping, NodeId } from '../../bindings/graph';
import { host } from '../../host';
import { mintId } from '../../project/ids';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { notAllowed } from './drop';
import { outlineOf } from './outline.svelte';
import { placeFor } from './places';

class Clipboard {
  clipping = $state.raw<Clipping | null>(null);
  /** Where it was cut, while it waits to be moved. */
  #cutFrom: Project | null = null;

  async copy(project: Project, nodes: readonly NodeId[], cut: boolean): Promise<void> {
    const { clipping } = await host.call({ kind: 'clip', project: project.id, nodes: [...nodes] });
    this.clipping = clipping;
    this.#cutFrom = cut ? project : null;
    outlineOf(project).cut = new Set(cut ? nodes : []);
    // For other programs, as an indented list. A window may be refused the system's clipboard.
    await navigator.clipboard?.writeText(outlineText(project, nodes)).catch(() => undefined);
    const count = nodes.length === 1 ? `“${project.title(nodes[0] ?? '')}”` : `${nodes.length} nodes`;
    toasts.show(cut ? `${count} will move when you paste` : `Copied ${count}`);
  }

  /** Pastes beside the focused node, or into it where only that is allowed. */
  async paste(project: Project): Promise<void> {
    const { clipping } = this;
    if (!clipping) return;
    const roots = clipping.nodes.filter((node) => node.parent === null);
    const types = roots.map((node) => node.nodeType);
    const place = placeFor(project, types, project.selection.focus ?? project.root);
    if (!place) {
      const parent = project.selection.focus === null ? null : (project.node(project.selection.focus)?.type ?? null);
      toasts.show(notAllowed(project.definitions, parent, types[0] ?? ''), { kind: 'note' });
      return;
    }
    const moving = roots.map((node) => node.original);
    if (this.#cutFrom === project && moving.every((id) => project.node(id))) {
      this.#cutFrom = null;
      outlineOf(project).cut = new Set();
      await project.apply({ kind: 'moveNodes', nodes: moving, place });
    } else {
      await project.apply({ kind: 'pasteNodes', clipping, place, seed: mintId() });
    }
  }

  /** Takes back a cut that was not pasted. */
  release(project: Project): void {
    if (this.#cutFrom === project) this.#cutFrom = null;
    outlineOf(project).cut = new Set();
  }
}

function outlineText(project: Project, nodes: readonly NodeId[], depth = 0): string {
  return nodes
    .map((id) => `${'  '.repeat(depth)}- ${project.title(id)}\n${outlineText(project, project.children(id), depth + 1)}`)
    .join('');
}

export const clipboard = new Clipboard();
