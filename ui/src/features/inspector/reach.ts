// Getting the keyboard to a place of the inspector, whose parts come one after the other.

import { giveKeyboardTo } from '../../kit';
import type { Project } from '../../project/project.svelte';
import { fold } from './folds';

/** What one goes to a field for: not the links in a text. Who may only read gets what is read. */
const TAKES_KEYBOARD = 'textarea, input, button, [role="textbox"]';

/** Of a set: where one adds to it, not a member that is there already. */
const ADDS = '.add';

/**
 * Gives the keyboard to what matches, or to what one goes to it for. The section around it is opened. The
 * inspector is that of what is selected now: in the one before it, the keyboard would be lost a moment later.
 */
export function reach(project: Project, section: string, place: string): Promise<void> {
  fold(project.layout, section, false);
  project.selection.settle();
  return giveKeyboardTo(() => {
    const found = document.querySelector<HTMLElement>(`[data-testid="inspector"] ${place}`);
    if (found?.matches(TAKES_KEYBOARD)) return found;
    return found?.querySelector<HTMLElement>(ADDS) ?? found?.querySelector<HTMLElement>(TAKES_KEYBOARD);
  });
}
