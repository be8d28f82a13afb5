// Getting the keyboard to a place of the inspector, whose parts come one after the other.

/** What can take the keyboard, as far as the inspector has such things. */
const TAKES_KEYBOARD = 'textarea, input, button';

/** A selection settles and the parts of its inspector are drawn long before. */
const GIVES_UP_AFTER_MS = 3_000;

/** Gives the keyboard to what matches, or to the first thing in it that takes it, once that is there. */
export function reach(place: string): Promise<void> {
  return new Promise((resolve) => {
    const until = performance.now() + GIVES_UP_AFTER_MS;
    const look = () => {
      const found = document.querySelector<HTMLElement>(`[data-testid="inspector"] ${place}`);
      const field = found?.matches(TAKES_KEYBOARD) ? found : found?.querySelector<HTMLElement>(TAKES_KEYBOARD);
      if (field) {
        field.focus();
        field.scrollIntoView({ block: 'nearest' });
      } else if (performance.now() < until) {
        requestAnimationFrame(look);
        return;
      }
      resolve();
    };
    look();
  });
}
