const WIDEST = 18;
const NARROWEST = 8;
/** Fold mark, icons and flags beside a title. */
const BESIDE = 72;
/** What the deepest title should have at least. */
const READABLE = 180;

/** Width of one level: the usual one, or less where so many levels would leave the deepest titles no room. */
export function indentFor(titleWidth: number, deepest: number): number {
  const room = titleWidth - BESIDE - READABLE;
  const each = Math.floor(room / Math.max(1, deepest - 1));
  return Math.max(NARROWEST, Math.min(WIDEST, each));
}
