// The editing of one field of some nodes: what they hold, what is sent, and why it was refused.

import type { Command, Field, NodeId, Value } from '../../bindings/graph';
import { isFailure } from '../../host/answer';
import type { Project } from '../../project/project.svelte';
import { shared } from './fields';

export class FieldEdit {
  /** There is but a button to begin with. It stands beside the label, whatever room the value will want. */
  isLone = $state(false);
  #error = $state<string | null>(null);
  readonly #shared = $derived.by(() =>
    shared(this.nodes.map((node) => this.project.value(node, this.field.id))),
  );

  constructor(
    readonly project: Project,
    readonly field: Field,
    readonly nodes: readonly NodeId[],
  ) {}

  get value(): Value | undefined {
    return this.#shared.value;
  }

  /** The nodes do not hold the same value. */
  get mixed(): boolean {
    return this.#shared.mixed;
  }

  /** Why nothing is edited here; null: it can be. */
  get whyNot(): string | null {
    return this.project.whyNotWrite;
  }

  /** Why the last edit was refused. */
  get error(): string | null {
    return this.#error;
  }

  /** The one node, where it is one. */
  get single(): NodeId | null {
    return this.nodes.length === 1 ? (this.nodes[0] ?? null) : null;
  }

  /** Sets or (null) clears the value. Answers whether it was accepted. */
  set(value: Value | null): Promise<boolean> {
    return this.send({ kind: 'setField', nodes: [...this.nodes], field: this.field.id, value });
  }

  /** Adds and removes members of a set. */
  members(add: Value | null, remove: Value | null): Promise<boolean> {
    const nodes = [...this.nodes];
    return this.send({ kind: 'editMembers', nodes, field: this.field.id, add, remove });
  }

  send(command: Command): Promise<boolean> {
    return this.try(() => this.project.attempt(command));
  }

  /** Does something with the field; a failure is shown with it. */
  async try(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      this.#error = null;
      return true;
    } catch (thrown) {
      return this.refuse(isFailure(thrown) ? thrown.message : String(thrown));
    }
  }

  /** Says what is wrong with what was typed. */
  refuse(reason: string): false {
    this.#error = reason;
    return false;
  }

  forgive(): void {
    this.#error = null;
  }
}
