// What is open in the window of what sharing has to show.

import type { Brought } from './carry';

class SharingState {
  /** The dialog about who shares the project. */
  inviting = $state(false);
  /** What goes on once somebody has said how others are to see them; null: nobody is asked. */
  naming = $state.raw<(() => void) | null>(null);
  /** The panel of who is there. */
  peers = $state(false);
  /** The dialog by which one joins, with the text in it; null: it is closed. */
  joining = $state<string | null>(null);
  /** The dialog of the network doctor. */
  examining = $state(false);
  /** Whom it is about: an address, as it was typed or found; null: whoever is not reached. */
  suspect = $state<string | null>(null);

  /** The dialog that writes changes to a file. */
  carrying = $state(false);
  /** What came of reading a file of changes; null: none was read. */
  brought = $state.raw<Brought | null>(null);

  /** Opens the network doctor. */
  examine(suspect: string | null = null): void {
    this.suspect = suspect;
    this.peers = this.inviting = false;
    this.examining = true;
  }
}

export const sharingState = new SharingState();
