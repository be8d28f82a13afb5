// Before somebody shares or joins for the first time they are asked how others are to see them, once.

import { app } from '../../project/app.svelte';
import { sharingState } from './state.svelte';

const ASKED = 'nameAskedToShare';

/** Does it, after the question if it is due. Who closes the question does not want what it was asked for. */
export function named(then: () => void): void {
  if (app.me.name.trim() !== '' || app.layout.get(ASKED, false)) then();
  else sharingState.naming = then;
}

/** It was answered, or is not to be answered now. */
export function answered(): void {
  const then = sharingState.naming;
  app.layout.put(ASKED, true);
  sharingState.naming = null;
  then?.();
}
