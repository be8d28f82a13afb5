// Reading a file of changes.

import { host } from '../../host';
import { hostFailure, isFailure } from '../../host/answer';
import { app } from '../../project/app.svelte';
import { sharingState } from './state.svelte';

/** Takes a file in and says what it brought. With a project open, it must be of that one. */
export async function bring(path: string): Promise<void> {
  const open = app.project?.id ?? null;
  try {
    const { project, packets, nodes, left, isNew } = await host.call({ kind: 'importBundle', project: open, path });
    await app.open(project);
    sharingState.brought = { kind: 'taken', packets, nodes, left, isNew };
  } catch (thrown) {
    const failure = isFailure(thrown) ? thrown : hostFailure('WINDOW_FAILED', 'Something went wrong in this window.', thrown);
    if (failure.code !== 'CANCELLED') sharingState.brought = { kind: 'failed', failure };
  }
}
