// Between asking for a field and its getting the keyboard some frames pass, or a view is loaded. Keys would still act
// where the keyboard was before, or nowhere; they are meant for the field.

/** Takes all that was typed so far; null: the field is not wanted any more. */
type Take = (typed: string | null) => void;

/** A field that is not there by then does not come, and the window must not go deaf. */
const LONGEST_MS = 3_000;

let take: Take | null = null;
let typed = '';
let since = 0;

/** From here until something gets the keyboard, the keys are a field's. */
export function awaitKeyboard(field: Take): void {
  take = field;
  typed = '';
  since = performance.now();
}

/** Something has got the keyboard. */
export function endEarlyKeys(): void {
  take = null;
}

/** Keeps a key from where the keyboard still is. For the window, before anybody else sees the key. */
export function keepEarlyKey(event: KeyboardEvent): void {
  if (performance.now() - since > LONGEST_MS) endEarlyKeys();
  if (!take) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === 'Escape') {
    take(null);
    take = null;
  } else if (isText(event)) {
    typed += event.key;
    take(typed);
  }
}

function isText(event: KeyboardEvent): boolean {
  const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
  return [...event.key].length === 1 && (!isShortcut || event.getModifierState('AltGraph'));
}
