const BEGINS = 'talus://join#';

/** Why a text cannot be an invitation; null: the application is to read it. */
export function refusalOf(text: string): string | null {
  const given = text.trim();
  if (given === '') return 'Paste the invitation first';
  if (!given.startsWith(BEGINS)) return `An invitation begins with ${BEGINS}`;
  if (/\s/.test(given)) return 'There is white space within the invitation. Copy it whole, and nothing else';
  return given === BEGINS ? 'The invitation is cut off. Copy the whole text' : null;
}
