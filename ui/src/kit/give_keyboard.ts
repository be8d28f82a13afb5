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

/**
 * For a place whose content is about to be made anew, while somebody may be in it: who was stays in it, at the first thing
 * that takes keys.
 */
export function keepKeyboardIn(place: HTMLElement): void {
  if (!place.contains(document.activeElement)) return;
  void tick().then(() => {
    if (document.activeElement === document.body) place.querySelector<HTMLElement>(TAKES_KEYS)?.focus({ focusVisible: true });
  });
}

let home: HTMLElement | null = null;

/**
 * To attach to what takes the keys of a view: it has the keyboard once it is there, unless something beside it has it
 * already, and gets it back from whatever is left.
 */
export function keyboardHome(place: HTMLElement): () => void {
  home = place;
  const at = document.activeElement;
  if (at === document.body || !place.parentElement?.contains(at)) place.focus({ preventScroll: true });
  return () => {
    if (home === place) home = null;
  };
}

/** For a field that is left, or is about to go: the keyboard goes to what is around it, else to the view. */
export function giveKeyboardBack(field: Element): void {
  const around = field.parentElement?.closest<HTMLElement>('[tabindex]') ?? home;
  if (around) around.focus({ preventScroll: true });
  else if (field instanceof HTMLElement) field.blur();
}

/** For when something beside the view is gone: if it took the keyboard along, the view has it. */
export function giveKeyboardHome(): void {
  if (document.activeElement === document.body) home?.focus({ preventScroll: true });
}

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
      // A view that takes the keyboard when it comes is nobody's choice.
      if (at !== from && at !== home && at !== document.body) return done();
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
