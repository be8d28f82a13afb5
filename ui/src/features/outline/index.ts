import type { NodeType } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import { outlineOf } from './outline.svelte';
import { placeFor } from './places';

export { actionsOf } from './actions';
export { followPaste } from './clipboard.svelte';
export { default as SaveKit } from './SaveKit.svelte';
export { default as View } from './View.svelte';

/** Why no node of a type can be added at the focused node; null: it can. */
export const whyNotNew = (project: Project, type: NodeType): string | null =>
  project.whyNotWrite ?? (placeFor(project, [type.id], project.selection.focus) ? null : 'Cannot stand at the selected item');

/** Opens a row for a new node of a type, beside the focused node or beneath it. */
export function startNew(project: Project, type: NodeType): void {
  const place = placeFor(project, [type.id], project.selection.focus);
  if (!place) return;
  project.show('outline');
  outlineOf(project).startDraft(type.id, place);
}
