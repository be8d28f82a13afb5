// Who can be named in a comment, while it is typed. What is written is text: the application reads names out of it.

/** An `@` before the caret, and what was typed behind it. */
export interface Mention {
  /** Where the `@` stands. */
  readonly start: number;
  readonly typed: string;
}

export interface Named {
  readonly name: string;
  readonly colour: string;
}

/** Longer names exist, and nobody is still looking for one by then. */
const MOST_TYPED = 40;
const MOST_NAMES = 6;

/** What is being typed at the caret; null: nobody is being named. An address of mail names nobody. */
export function mentionAt(text: string, caret: number): Mention | null {
  const start = text.lastIndexOf('@', caret - 1);
  if (start < 0 || caret <= start || caret - start > MOST_TYPED) return null;
  if (/[\p{L}\p{N}]$/u.test(text.slice(0, start))) return null;
  const typed = text.slice(start + 1, caret);
  return /\n|^\s/.test(typed) ? null : { start, typed };
}

/** Those of whose names a word begins with what was typed; who is called so from the start comes first. */
export function namesFor<N extends Named>(typed: string, people: readonly N[]): N[] {
  const wanted = folded(typed);
  const begins = people.filter(({ name }) => folded(name).startsWith(wanted));
  const has = people.filter((one) => !begins.includes(one) && folded(one.name).includes(` ${wanted}`));
  return [...begins, ...has].slice(0, MOST_NAMES);
}

/** The text with a name in place of what was typed, and where the caret stands then. */
export function withName(text: string, { start, typed }: Mention, name: string): { text: string; caret: number } {
  const rest = text.slice(start + 1 + typed.length);
  const before = `${text.slice(0, start)}@${name}`;
  return { text: `${before}${/^[\s.,;:!?)]/.test(rest) ? '' : ' '}${rest}`, caret: before.length + 1 };
}

/** Each name once, in alphabetical order. */
export function named(people: Iterable<Named>): Named[] {
  const known = new Map<string, Named>();
  for (const one of people) {
    const key = folded(one.name);
    if (key.trim() !== '' && !known.has(key)) known.set(key, one);
  }
  return [...known.values()].sort((a, b) => a.name.localeCompare(b.name));
}

const folded = (text: string): string => text.toLowerCase().replace(/\s+/gu, ' ');
