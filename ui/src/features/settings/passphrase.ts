/** As the application judges it. */
const SHORTEST = 8;

/** What is missing before a passphrase can be set; null: nothing. */
export function passphraseProblem(next: string, again: string): string | null {
  if ([...next].length < SHORTEST) return `Use at least ${SHORTEST} characters`;
  return next === again ? null : 'Type the same twice';
}
