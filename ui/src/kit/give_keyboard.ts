import { tick } from 'svelte';

const TAKES_KEYS = 'button, input, textarea, select, a[href], [tabindex="0"]';

/**
 * For a panel that opens: it has the keyboard before the next key is pressed, so that none acts on what is behind. What
 * asks for the keyboard gets it, otherwise the first thing that takes keys, otherwise the panel itself.
 */
export const giveKeyboardIn = (panel: () => HTMLElement | null) => (event: Event): void => {
  const place = panel();
  const wanted = place?.querySelector<HTMLElement>('[autofocus]') ?? place?.querySelector<HTMLElement>(TAKES_KEYS) ?? place;
  event.preventDefault();
  wanted?.focus({ preventScroll: true });
};

/** What was asked for is drawn long before. */
const GIVES_UP_AFTER_MS = 3_000;

/**
 * For a command that leads somewhere: what `find` finds gets the keyboard once it is there, and before the next key, however
 * late the next frame is. Whoever went elsewhere meanwhile stays there.
 */
export async function giveKeyboardTo(find: () => HTMLElement | null | undefined): Promise<void> {
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
      if (at !== from && at !== document.body) return done();
      const found = find();
      if (!found) return;
      found.focus();
      found.scrollIntoView({ block: 'nearest' });
      done();
    };
    const observer = new MutationObserver(look);
    const timer = setTimeout(done, GIVES_UP_AFTER_MS);
    observer.observe(document.body, { childList: true, subtree: true });
    look();
  });
}
