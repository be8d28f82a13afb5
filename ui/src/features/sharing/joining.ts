import type { Project } from '../../project/project.svelte';

/** The project is shared by others and nothing of it has arrived: every project brings its types. */
export function isJoining(project: Project): boolean {
  return project.room.isShared && project.nodeCount === 0 && project.definitions.template.types.length === 0;
}
