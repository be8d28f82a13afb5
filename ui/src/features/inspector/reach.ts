// Getting the keyboard to a place of the inspector, whose parts come one after the other.

import { tick } from 'svelte';

import type { Project } from '../../project/project.svelte';
import { fold } from './folds';

/** What one goes to a field for: not the links in a text. Who may only read gets what is read. */
const TAKES_KEYBOARD = 'textarea, input, button, [role="textbox"]';

/** The parts of an inspector are drawn long before. */
const GIVES_UP_AFTER_MS = 3_000;

/**
 * Gives the keyboard to what matches, or to the first thing in it that takes it, once that is there. The section around
 * it is opened. The inspector is that of what is selected now: in the one before it, the keyboard would be lost a moment
 * later.
 */
export async function reach(project: Project, section: string, place: string): Promise<void> {
  fold(project.layout, section, false);
  project.selection.settle();
  await tick();
  const from = document.activeElement;
  await new Promise<void>((resolve) => {
    const done = () => {
      observer.disconnect();
      clearTimeout(timer);
      resolve();
    };
    const look = () => {
      const at = document.activeElement;
      // Whoever went elsewhere meanwhile stays there.
      if (at !== from && at !== document.body) return done();
      const field = find(place);
      if (!field) return;
      field.focus();
      field.scrollIntoView({ block: 'nearest' });
      done();
    };
    // Not frame by frame: the keyboard is there before the next key, however late the next frame is.
    const observer = new MutationObserver(look);
    const timer = setTimeout(done, GIVES_UP_AFTER_MS);
    observer.observe(document.body, { childList: true, subtree: true });
    look();
  });
}

function find(place: string): HTMLElement | null {
  const found = document.querySelector<HTMLElement>(`[data-testid="inspector"] ${place}`);
  return found?.matches(TAKES_KEYBOARD) ? found : (found?.querySelector<HTMLElement>(TAKES_KEYBOARD) ?? null);
}
