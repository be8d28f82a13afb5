// Who made and changed the inspected node, what lost a race, and its comments. Read when the selection
// comes to rest, and again whenever the node changes.

import type { Details, FieldDetails } from '../../bindings/app';
import type { FieldId, NodeId, PersonId } from '../../bindings/graph';
import { host } from '../../host';
import type { Project } from '../../project/project.svelte';
import { sameValue } from './fields';

const REST_MS = 90;
const FLASH_MS = 400;

export class NodeDetails {
  #details = $state.raw<Details | null>(null);
  /** Fields that somebody else has just changed. */
  #flashing = $state.raw<ReadonlySet<FieldId>>(new Set());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flashTimer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(
    readonly project: Project,
    readonly node: NodeId,
  ) {}

  get details(): Details | null {
    return this.#details;
  }

  field(id: FieldId): FieldDetails | undefined {
    return this.#details?.fields.find(({ field }) => field === id);
  }

  flashes(id: FieldId): boolean {
    return this.#flashing.has(id);
  }

  /** What a person is called here. */
  name(person: PersonId | null): string {
    return (person && this.project.frame.people[person]?.name) || 'Somebody';
  }

  /** Begins to follow the node. Returns how to stop. */
  follow(): () => void {
    let before = this.project.node(this.node)?.values ?? {};
    this.#soon();
    const stop = this.project.onChanged((changed) => {
      const row = changed.nodes.find(([id]) => id === this.node);
      const text = changed.texts.filter(([id]) => id === this.node).map(([, field]) => field);
      if (!row && text.length === 0 && !changed.comments.includes(this.node)) return;
      const after = row?.[4] ?? before;
      const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
      const differ = [...fields].filter((field) => !sameValue(before[field], after[field]));
      before = after;
      if (changed.author !== this.project.author) this.#flash([...differ, ...text]);
      this.#soon();
    });
    return () => {
      stop();
      clearTimeout(this.#timer);
      clearTimeout(this.#flashTimer);
      this.#asked = -1;
    };
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), REST_MS);
  }

  async #read(): Promise<void> {
    const ask = ++this.#asked;
    try {
      const request = { kind: 'inspect', project: this.project.id, node: this.node } as const;
      const details = await host.call(request);
      if (ask === this.#asked) this.#details = details;
    } catch {
      // The node is gone; the selection is about to say so.
    }
  }

  #flash(fields: readonly FieldId[]): void {
    if (fields.length === 0) return;
    this.#flashing = new Set(fields);
    clearTimeout(this.#flashTimer);
    this.#flashTimer = setTimeout(() => (this.#flashing = new Set()), FLASH_MS);
  }
}
