// How the open project is shared, as far as the window has heard.

import type { ProjectId, Sharing } from '../bindings/app';
import { host } from '../host';

export class Room {
  #sharing = $state.raw<Sharing | null>(null);
  #heard = 0;

  constructor(readonly project: ProjectId) {}

  /** Null: the project is not shared. */
  get sharing(): Sharing | null {
    return this.#sharing;
  }

  readonly isShared: boolean = $derived(this.#sharing !== null);

  /** Asks how the project is shared. What is heard meanwhile is newer than the answer. */
  async read(): Promise<void> {
    const heard = this.#heard;
    const { sharing } = await host.call({ kind: 'readSharing', project: this.project });
    if (heard === this.#heard) this.#sharing = sharing;
  }

  /** The same, for a project that is there whether or not it can be said how it is shared. */
  async begin(): Promise<void> {
    await this.read().catch(() => {
      // Events will tell.
    });
  }

  absorb(sharing: Sharing): void {
    this.#heard++;
    this.#sharing = sharing;
  }

  /** Shares the project unless it is shared. The text by which others join. Rejects with a `Failure`. */
  async invite(): Promise<string> {
    const { invitation } = await host.call({ kind: 'invite', project: this.project });
    await this.read();
    return invitation;
  }

  /** Tries at once to reach everybody. Rejects with a `Failure`. */
  async syncNow(): Promise<void> {
    await host.call({ kind: 'syncNow', project: this.project });
  }
}
