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
