// What is open in the window of what sharing has to show.

class SharingState {
  /** The dialog by which others are invited. */
  inviting = $state(false);
  /** The panel of who is there. */
  peers = $state(false);
  /** The dialog by which one joins, with the text in it; null: it is closed. */
  joining = $state<string | null>(null);
}

export const sharingState = new SharingState();
