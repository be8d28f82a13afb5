// Text for the clipboard of the system.

/** Whether it is there. Call it while a key or a click is being handled. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The old way, for windows that are refused the new one. */
function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const place = Object.assign(document.createElement('textarea'), { value: text });
  place.className = 'hidden-but-read';
  // Within the dialog that has the keyboard, which would take it back.
  (before?.closest('[role="dialog"]') ?? document.body).append(place);
  place.select();
  const isCopied = document.execCommand('copy');
  place.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
