/** Ports as people type them. */

/** The port that is meant: 0 for none, which leaves it to the program; null if it is no port. */
export function portOf(typed: string): number | null {
  const text = typed.trim();
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}
