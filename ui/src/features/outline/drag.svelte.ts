// Dragging rows with the pointer: where they would land, and why not.

import type { NodeId } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import { dropAt, type Drop } from './drop';
import { outlineOf } from './outline.svelte';

/** From the left edge to the middle of the icon of the first level. */
const FIRST = 36;
const STARTS_AFTER = 5;
const EDGE = 36;
/** A folded row opens when the pointer rests on it. */
const OPENS_AFTER_MS = 600;

interface Dragging {
  readonly moving: readonly NodeId[];
  readonly drop: Drop;
  readonly x: number;
  readonly y: number;
}

export class Drag {
  now = $state.raw<Dragging | null>(null);
  #from: { id: NodeId; x: number; y: number } | null = null;
  #scrolling = 0;
  #over: NodeId | null = null;
  #opening: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly project: Project,
    private readonly rowHeight: () => number,
    private readonly scroller: () => HTMLElement,
    private readonly body: () => HTMLElement,
  ) {}

  /** The pointer went down on a row. */
  press(id: NodeId, event: PointerEvent): void {
    if (this.project.whyNotWrite !== null) return;
    this.#from = { id, x: event.clientX, y: event.clientY };
  }

  move(event: PointerEvent): void {
    const from = this.#from;
    if (!from) return;
    if (!this.now && Math.hypot(event.clientX - from.x, event.clientY - from.y) < STARTS_AFTER) return;
    if (!this.now) this.scroller().setPointerCapture(event.pointerId);
    const { selection, tree } = this.project;
    const moving = this.now?.moving ?? tree.roots(selection.has(from.id) ? selection.ids : [from.id]);
    this.#aim(moving, event.clientX, event.clientY);
    this.#openFolded(event.clientY);
    this.#scrollAtEdges();
  }

  /** The pointer went up. Returns whether something was dragged. */
  release(): boolean {
    const dragged = this.now;
    this.cancel();
    if (!dragged) return false;
    const { moving, drop } = dragged;
    if (drop.refusal === null) {
      void this.project.apply({ kind: 'moveNodes', nodes: [...moving], place: drop.place });
    }
    return true;
  }

  cancel(): void {
    cancelAnimationFrame(this.#scrolling);
    clearTimeout(this.#opening);
    this.#over = null;
    this.#scrolling = 0;
    this.#from = null;
    this.now = null;
  }

  #aim(moving: readonly NodeId[], x: number, y: number): void {
    const { project } = this;
    const box = this.body().getBoundingClientRect();
    const drop = dropAt(
      {
        rows: outlineOf(project).rows,
        tree: project.tree,
        definitions: project.definitions,
        root: project.root,
        isFolded: (id) => project.children(id).length > 0 && project.fold.isFolded(id),
        moving,
      },
      (y - box.top) / this.rowHeight(),
      1 + Math.round((x - box.left - FIRST) / outlineOf(project).indent),
    );
    this.now = { moving, drop, x, y };
  }

  #openFolded(y: number): void {
    const { project } = this;
    const row = Math.floor((y - this.body().getBoundingClientRect().top) / this.rowHeight());
    const over = outlineOf(project).rows.ids[row] ?? null;
    if (over === this.#over) return;
    this.#over = over;
    clearTimeout(this.#opening);
    if (over === null || project.children(over).length === 0 || !project.fold.isFolded(over)) return;
    this.#opening = setTimeout(() => project.setFolded([over], false), OPENS_AFTER_MS);
  }

  #scrollAtEdges(): void {
    if (this.#scrolling !== 0) return;
    const step = () => {
      this.#scrolling = 0;
      const dragging = this.now;
      if (!dragging) return;
      const scroller = this.scroller();
      const box = scroller.getBoundingClientRect();
      const above = Math.max(0, box.top + EDGE - dragging.y);
      const below = Math.max(0, dragging.y - box.bottom + EDGE);
      if (above === 0 && below === 0) return;
      scroller.scrollTop += Math.round((below - above) / 3);
      this.#aim(dragging.moving, dragging.x, dragging.y);
      this.#scrolling = requestAnimationFrame(step);
    };
    this.#scrolling = requestAnimationFrame(step);
  }
}
