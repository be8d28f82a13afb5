// Reading a file of changes.

import type { ProjectId } from '../../bindings/app';
import { host } from '../../host';
import { hostFailure, isFailure } from '../../host/answer';
import { app } from '../../project/app.svelte';
import { sharingState } from './state.svelte';

/** Takes a file in and says what it brought. It may have to be of one project; the one that it is of is open then. */
export async function bring(path: string, project: ProjectId | null): Promise<void> {
  try {
    const brought = await host.call({ kind: 'importBundle', project, path });
    const { packets, nodes, left, isNew } = brought;
    await app.open(brought.project);
    sharingState.brought = { kind: 'taken', packets, nodes, left, isNew };
  } catch (thrown) {
    const failure = isFailure(thrown) ? thrown : hostFailure('WINDOW_FAILED', 'Something went wrong in this window.', thrown);
    if (failure.code !== 'CANCELLED') sharingState.brought = { kind: 'failed', failure };
  }
}
