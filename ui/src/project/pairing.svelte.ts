// The pairing of this computer with another one of the local network. There is one at a time, whichever project it is about.

import type { MemberRole, Nearby, Pairing, PairingPlace, ProjectId } from '../bindings/app';
import { host } from '../host';

class PairingState {
  #current = $state.raw<Pairing | null>(null);
  #heard = 0;

  /** Null: there is none, or it was put away. */
  get current(): Pairing | null {
    return this.#current;
  }

  /** The one in which the code is typed here, for this project. */
  sharing(project: ProjectId): Pairing | null {
    const { current } = this;
    return current?.side === 'sharing' && current.project === project ? current : null;
  }

  absorb(pairing: Pairing | null): void {
    this.#heard++;
    this.#current = pairing;
  }

  /** Asks what there is, for a window that comes later. */
  async read(): Promise<void> {
    const heard = this.#heard;
    const { pairing } = await host.call({ kind: 'readPairing' });
    if (heard === this.#heard) this.#current = pairing;
  }

  /** The computers of the local network; takes up to a second. Rejects with a `Failure`. */
  async nearby(): Promise<Nearby> {
    return host.call({ kind: 'readNearby' });
  }

  /** Asks a computer to join. Rejects with a `Failure`. */
  async begin(project: ProjectId, at: PairingPlace, role: MemberRole, isMine: boolean): Promise<void> {
    const heard = this.#heard;
    const { pairing } = await host.call({ kind: 'beginPairing', project, at, role, isMine });
    if (heard === this.#heard) this.#current = pairing;
  }

  /** Tells the code that the other computer shows. Rejects with a `Failure`. */
  async answer({ id }: Pairing, code: string): Promise<void> {
    await host.call({ kind: 'answerPairing', pairing: id, code });
  }

  /** Gives it up, refuses it, or puts it away. Rejects with a `Failure`. */
  async cancel({ id }: Pairing): Promise<void> {
    await host.call({ kind: 'cancelPairing', pairing: id });
    if (this.#current?.id === id) this.#current = null;
  }
}

export const pairing = new PairingState();
