// Where a notice leads: to the item, the comment in it, or the list of problems.

import type { Notice } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';

/** The inspector reads comments and races when the selection has come to rest. */
const TRIES = 40;
const TRY_MS = 50;

export function goToNotice(project: Project, notice: Notice): void {
  const { node, comment, conflict, field, title } = notice;
  if (conflict !== null && conflict !== 'fieldRace') {
    project.show('problems');
    if (node !== null) whenThere(`[data-problem="${CSS.escape(node)}"]`);
    return;
  }
  if (node === null) return;
  if (!project.node(node)) {
    toasts.show(`“${title}” is not there any more.`, { kind: 'note' });
    return;
  }
  project.goTo(node);
  if (comment !== null) whenThere(`[data-comment="${CSS.escape(comment)}"]`);
  else if (field !== null) {
    const key = project.field(field)?.key;
    if (key !== undefined) whenThere(`[data-testid="inspector-field"][data-field="${CSS.escape(key)}"]`);
  }
}

/** Brings something to sight as soon as it is drawn. */
function whenThere(selector: string, tries = TRIES): void {
  const found = document.querySelector(selector);
  if (found) found.scrollIntoView({ block: 'center' });
  else if (tries > 0) setTimeout(() => whenThere(selector, tries - 1), TRY_MS);
}
