/** For a panel that opens: what asks for the keyboard gets it; otherwise the first button would. */
export const giveKeyboardIn = (panel: () => HTMLElement | null) => (event: Event): void => {
  const wanted = panel()?.querySelector<HTMLElement>('[autofocus]');
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
};
