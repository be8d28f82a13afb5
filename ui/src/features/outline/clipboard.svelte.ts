// Copied nodes, for this window: they can be pasted into another project. To other programs they go as an indented list, and
// text of other programs comes in as rows.

import type { Clipping, NodeId, TypeId } from '../../bindings/graph';
import { host } from '../../host';
import { counted } from '../../project/counted';
import { mintId } from '../../project/ids';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { notAllowed } from './drop';
import { insertAt } from './insert';
import { outlineOf } from './outline.svelte';
import { clippingOf, typed } from './pasted_nodes';
import { pastedRows } from './pasted_text';
import { placeFor, placesFor } from './places';
import type { Place } from './rows';

class Clipboard {
  clipping = $state.raw<Clipping | null>(null);
  /** What other programs got of it; null: they may not have got it. */
  #shared: string | null = null;
  /** Where it was cut, while it waits to be moved. */
  #cutFrom: Project | null = null;

  async copy(project: Project, nodes: readonly NodeId[], cut: boolean): Promise<void> {
    const text = outlineText(project, nodes);
    // At once: a window may write the system's clipboard only while a key is being handled.
    const sharing = navigator.clipboard?.writeText(text).then(() => text, () => null) ?? null;
    const { clipping } = await host.call({ kind: 'clip', project: project.id, nodes: [...nodes] });
    this.clipping = clipping;
    this.#shared = await sharing;
    this.#cutFrom = cut ? project : null;
    outlineOf(project).cut = new Set(cut ? nodes : []);
    const count = nodes.length === 1 ? `“${project.title(nodes[0] ?? '')}”` : counted(nodes.length, 'item');
    toasts.show(cut ? `${count} will move when you paste` : `Copied ${count}`);
  }

  /** Pastes what was copied last, here or in another program, whose text this is. */
  async pasteAny(project: Project, text: string): Promise<void> {
    if (project.whyNotWrite !== null) return refuse(project.whyNotWrite);
    const isOurs = this.clipping !== null && (this.#shared === null || text === '' || sameText(text, this.#shared));
    await (isOurs ? this.paste(project) : this.pasteText(project, text));
  }

  /** Pastes copied nodes beside the focused one, or into it where only that is allowed. */
  async paste(project: Project): Promise<void> {
    const { clipping } = this;
    if (!clipping) return;
    const roots = clipping.nodes.filter((node) => node.parent === null);
    const types = roots.map((node) => node.nodeType);
    const place = placeFor(project, types, project.selection.focus ?? project.root);
    if (!place) {
      refuse(notAllowed(project.definitions, typeOf(project, project.selection.focus), types[0] ?? ''));
      return;
    }
    const moving = roots.map((node) => node.original);
    if (this.#cutFrom === project && moving.every((id) => project.node(id))) {
      this.#cutFrom = null;
      outlineOf(project).cut = new Set();
      await project.apply({ kind: 'moveNodes', nodes: moving, place });
    } else {
      await pasteAt(project, clipping, place);
    }
  }

  /** Makes rows of text, beside the focused node or beneath it, whichever can take them. */
  async pasteText(project: Project, text: string): Promise<void> {
    const rows = pastedRows(text);
    if (rows.length === 0) {
      refuse('There is no text on the clipboard.');
      return;
    }
    const { definitions, selection } = project;
    const preferred = typeOf(project, selection.focus);
    let refusal: string | null = null;
    for (const place of placesFor(project, selection.focus)) {
      const outcome = typed(rows, definitions, typeOf(project, place.parent), preferred);
      if ('types' in outcome) {
        await pasteAt(project, clippingOf(rows, outcome.types, definitions), place);
        return;
      }
      refusal ??= outcome.refusal;
    }
    refuse(refusal ?? 'Nothing can be pasted here.');
  }

  /** Takes back a cut that was not pasted. */
  release(project: Project): void {
    if (this.#cutFrom === project) this.#cutFrom = null;
    outlineOf(project).cut = new Set();
  }
}

const refuse = (reason: string): void => toasts.show(reason, { kind: 'note' });

const typeOf = (project: Project, id: NodeId | null): TypeId | null =>
  id === null ? null : (project.node(id)?.type ?? null);

const pasteAt = (project: Project, clipping: Clipping, place: Place): Promise<void> =>
  insertAt(project, place, { kind: 'pasteNodes', clipping, place, seed: mintId() }).catch((thrown) => toasts.fail(thrown));

/** Programs end lines as they like, and some add one. */
const sameText = (a: string, b: string): boolean => a.replace(/\r\n?/g, '\n').trimEnd() === b.trimEnd();

function outlineText(project: Project, nodes: readonly NodeId[], depth = 0): string {
  return nodes
    .map((id) => `${'  '.repeat(depth)}- ${project.title(id)}\n${outlineText(project, project.children(id), depth + 1)}`)
    .join('');
}

export const clipboard = new Clipboard();

/** Pastes into the project what is pasted anywhere but into a text. Returns how to stop. */
export function followPaste(project: Project): () => void {
  const isForNodes = ({ target }: Event) => {
    const at = target instanceof Element ? target : document.body;
    if (at.closest('input, textarea, [contenteditable="true"], [role="dialog"], [role="menu"]')) return false;
    return (at === document.body ? document.querySelector('main [data-scope]') : at)?.closest('[data-scope~="nodes"]') != null;
  };
  // Some engines paste outside of texts only where somebody says so beforehand.
  const allow = (event: Event) => isForNodes(event) && event.preventDefault();
  const take = (event: ClipboardEvent) => {
    if (!isForNodes(event)) return;
    event.preventDefault();
    void clipboard.pasteAny(project, event.clipboardData?.getData('text/plain') ?? '');
  };
  document.addEventListener('beforepaste', allow);
  document.addEventListener('paste', take);
  return () => {
    document.removeEventListener('beforepaste', allow);
    document.removeEventListener('paste', take);
  };
}
