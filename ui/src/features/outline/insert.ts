// Nodes that come all at once: they are selected once they are there.

import type { Command } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import type { Place } from './rows';

/** Sends a command that brings nodes to a place. Rejects with a `Failure` when it is refused. */
export async function insertAt(project: Project, place: Place, command: Command): Promise<void> {
  const before = new Set(project.tree.children(place.parent));
  const stop = project.onChanged(({ author }) => {
    const arrived = project.tree.children(place.parent).filter((id) => !before.has(id));
    if (author !== project.author || arrived.length === 0) return;
    stop();
    if (place.parent !== null) project.setFolded([place.parent], false);
    project.selection.set(arrived, arrived[0] ?? null, arrived[0] ?? null);
  });
  try {
    await project.attempt(command);
  } catch (thrown) {
    stop();
    throw thrown;
  }
}
