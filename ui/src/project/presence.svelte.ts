// Where this window is, for others, and where others are, for this window.

import type { ProjectId } from '../bindings/app';
import type { FieldId, NodeId } from '../bindings/graph';
import { host } from '../host';
import { byNode, colourOfChange, companionsOf, peopleOf, type Visitor } from './companions';
import type { Room } from './room.svelte';

/** Where a window is. */
export interface Whereabouts {
  readonly node: NodeId | null;
  readonly field: FieldId | null;
  readonly isTyping: boolean;
}

const LEAST_MS = 300;
const FLASH_MS = 900;
/** A change of more nodes is an import or a catching up: nobody follows it with the eyes. */
const MOST_FLASHES = 40;
const NOBODY: readonly Visitor[] = [];

export class Presence {
  /** Said last; null: nothing yet. */
  #said: Whereabouts | null = null;
  #wanted: Whereabouts | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flashing = $state.raw<ReadonlyMap<NodeId, string>>(new Map());
  #flashTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly project: ProjectId,
    readonly room: Room,
  ) {}

  // ---- others ----

  /** Everybody who is in the room now, but for who is here. */
  readonly people: readonly Visitor[] = $derived.by(() => peopleOf(companionsOf(this.room.sharing)));
  readonly #byNode = $derived.by(() => byNode(this.people));

  /** Who looks at a node. */
  at(node: NodeId): readonly Visitor[] {
    return this.#byNode.get(node) ?? NOBODY;
  }

  /** The colour in which a node is lit because somebody else has just changed it. */
  flashOf(node: NodeId): string | undefined {
    return this.#flashing.get(node);
  }

  /** Somebody else has changed these nodes; their colour, where it was one person. */
  flash(nodes: readonly NodeId[], colour?: string): void {
    if (nodes.length === 0 || nodes.length > MOST_FLASHES) return;
    this.#flashing = new Map(nodes.map((node) => [node, colour ?? colourOfChange(node, this.people)]));
    clearTimeout(this.#flashTimer);
    this.#flashTimer = setTimeout(() => (this.#flashing = new Map()), FLASH_MS);
  }

  // ---- this window ----

  /** Tells the others where this window is: at once, and then as often as is bearable. The last word is always told. */
  put(whereabouts: Whereabouts): void {
    this.#wanted = whereabouts;
    if (this.#timer === undefined) this.#say();
  }

  /** Tells the same again: whether others may see it has changed. */
  again(): void {
    this.#said = null;
    if (this.#timer === undefined) this.#say();
  }

  /** Says nothing any more. The application tells the others when the project is closed. */
  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#flashTimer);
    this.#timer = undefined;
    this.#wanted = this.#said = null;
  }

  #say(): void {
    this.#timer = undefined;
    const { project } = this;
    const wanted = this.#wanted;
    if (wanted === null || isSame(wanted, this.#said)) return;
    this.#said = wanted;
    host.call({ kind: 'putPresence', project, ...wanted }).catch(() => {
      // Nobody is disturbed because others do not see where one is.
    });
    this.#timer = setTimeout(() => this.#say(), LEAST_MS);
  }
}

const isSame = (a: Whereabouts, b: Whereabouts | null): boolean =>
  a.node === b?.node && a.field === b.field && a.isTyping === b.isTyping;
