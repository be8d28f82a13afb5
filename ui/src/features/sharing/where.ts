// From the place where the keyboard is to the node and the field that are being edited there.

import type { FieldId, NodeId } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';

export interface Edited {
  readonly node: NodeId;
  readonly field: FieldId | null;
}

const TEXTS = 'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, [contenteditable="true"]';

/** Null: nothing of a node is edited there. */
export function editedAt(target: EventTarget | null, project: Project): Edited | null {
  if (!(target instanceof Element) || !target.matches(TEXTS)) return null;
  const row = target.closest<HTMLElement>('[data-node]')?.dataset['node'];
  const inspected = target.closest('[data-scope~="inspector"]') ? project.selection.focus : null;
  const node = row ?? inspected;
  const type = node === null ? undefined : project.node(node)?.type;
  if (node === null || type === undefined) return null;
  const named = target.closest<HTMLElement>('[data-field]')?.dataset['field'];
  const { definitions } = project;
  if (named !== undefined) {
    const field = definitions.fieldsOf(type).find(({ id, key }) => id === named || key === named);
    return { node, field: field?.id ?? null };
  }
  // The one text of a row is its title; texts of the inspector that name no field are comments and searches.
  return { node, field: row === undefined ? null : (definitions.withRole(type, 'title')?.id ?? null) };
}
