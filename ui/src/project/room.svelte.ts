// How the open project is shared, as far as the window has heard.

import type { PeerLink, ProjectId, Sharing } from '../bindings/app';
import { host } from '../host';

export class Room {
  #sharing = $state.raw<Sharing | null>(null);
  #heard = 0;
  #links = $state.raw<readonly PeerLink[]>([]);
  #heardLinks = 0;

  constructor(readonly project: ProjectId) {}

  /** Null: the project is not shared. */
  get sharing(): Sharing | null {
    return this.#sharing;
  }

  readonly isShared: boolean = $derived(this.#sharing !== null);

  /** The ways to other machines: what is dialled first, then who came. */
  get links(): readonly PeerLink[] {
    return this.#links;
  }

  /** Asks how the project is shared. What is heard meanwhile is newer than the answer. */
  async read(): Promise<void> {
    const [heard, heardLinks] = [this.#heard, this.#heardLinks];
    const project = this.project;
    const [{ sharing }, { links }] = await Promise.all([
      host.call({ kind: 'readSharing', project }),
      host.call({ kind: 'readLinks', project }),
    ]);
    if (heard === this.#heard) this.#sharing = sharing;
    if (heardLinks === this.#heardLinks) this.#links = links;
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

  absorbLinks(links: readonly PeerLink[]): void {
    this.#heardLinks++;
    this.#links = links;
  }

  /** Looks for others there, too. Rejects with a `Failure`. */
  async addAddress(address: string): Promise<void> {
    await host.call({ kind: 'addAddress', project: this.project, address });
  }

  /** Does not look there any more. Rejects with a `Failure`. */
  async removeAddress(address: string): Promise<void> {
    await host.call({ kind: 'removeAddress', project: this.project, address });
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
