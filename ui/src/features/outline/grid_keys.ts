// The keys of the treegrid pattern: moving, selecting, folding, type-ahead. Everything else is an action.

import type { NodeId } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import { clipboard } from './clipboard.svelte';
import { choose, step, typeAhead } from './moves';
import { outlineOf } from './outline.svelte';

const TYPED_TOGETHER_MS = 700;

export class GridKeys {
  #typed = '';
  #typedAt = 0;

  constructor(
    private readonly project: Project,
    /** Rows that one page moves. */
    private readonly page: () => number,
  ) {}

  press(event: KeyboardEvent): void {
    if ((event.target as Element).closest('input, button, [role="separator"]')) return;
    if (event.altKey || event.isComposing || !this.#handle(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #handle(event: KeyboardEvent): boolean {
    const mod = event.ctrlKey || event.metaKey;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: this.page(),
      PageUp: -this.page(),
      End: Infinity,
      Home: -Infinity,
    };
    const delta = steps[event.key];
    if (delta !== undefined) return this.#go(step(this.#rows, this.#focus, delta), event);
    if (event.key === ' ' && !this.#isTyping(event)) return this.#toggle(event);
    if (mod) return false;
    if (event.key === 'ArrowRight') return this.#open();
    if (event.key === 'ArrowLeft') return this.#close();
    if (event.key === '*') return this.#openSiblings();
    if (event.key === 'Escape') return this.#release();
    return this.#typeAhead(event);
  }

  get #rows() {
    return outlineOf(this.project).rows;
  }

  get #focus(): NodeId | null {
    return this.project.selection.focus;
  }

  /** With Control the focus moves alone, with Shift the selection follows. */
  #go(to: NodeId | null, { shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (to === null) return true;
    const { selection } = this.project;
    if ((ctrlKey || metaKey) && !shiftKey) selection.set(selection.ids, to);
    else {
      const { ids, focus, anchor } = choose(this.#rows, selection, to, { shift: shiftKey, mod: false });
      selection.set(ids, focus, anchor);
    }
    return true;
  }

  #toggle({ shiftKey }: KeyboardEvent): boolean {
    if (this.#focus === null) return true;
    const { selection } = this.project;
    const { ids, focus, anchor } = choose(this.#rows, selection, this.#focus, { shift: shiftKey, mod: !shiftKey });
    selection.set(ids, focus, anchor);
    return true;
  }

  #open(): boolean {
    const id = this.#focus;
    const first = id === null ? undefined : this.project.children(id)[0];
    if (id === null || first === undefined) return true;
    if (this.project.fold.isFolded(id)) this.project.setFolded([id], false);
    else this.project.selection.only(first);
    return true;
  }

  #close(): boolean {
    const id = this.#focus;
    if (id === null) return true;
    const { project } = this;
    const parent = project.node(id)?.parent ?? null;
    if (project.children(id).length > 0 && !project.fold.isFolded(id)) project.setFolded([id], true);
    else if (parent !== null && parent !== project.root) project.selection.only(parent);
    return true;
  }

  #openSiblings(): boolean {
    const node = this.#focus === null ? undefined : this.project.node(this.#focus);
    if (node) this.project.setFolded(this.project.children(node.parent), false);
    return true;
  }

  #release(): boolean {
    const outline = outlineOf(this.project);
    if (outline.cut.size > 0) clipboard.release(this.project);
    else if (outline.find.open) outline.find.close();
    else if (this.project.selection.ids.size > 1) this.project.selection.only(this.#focus);
    else return false;
    return true;
  }

  #isTyping(event: KeyboardEvent): boolean {
    return this.#typed !== '' && event.timeStamp - this.#typedAt < TYPED_TOGETHER_MS;
  }

  #typeAhead(event: KeyboardEvent): boolean {
    // The question mark opens the sheet of shortcuts everywhere.
    if ([...event.key].length !== 1 || event.key === '?') return false;
    this.#typed = this.#isTyping(event) ? this.#typed + event.key : event.key;
    this.#typedAt = event.timeStamp;
    const found = typeAhead(this.#rows, (id) => this.project.title(id), this.#focus, this.#typed);
    if (found !== null) this.project.selection.only(found);
    return true;
  }
}
