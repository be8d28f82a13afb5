// Colours of people who have chosen none: eight hues of equal lightness that stay apart under deuteranopia.

export const HUES = ['#58a6ff', '#e08e45', '#3fb6a8', '#c58af9', '#d6b53c', '#e87fa6', '#8fa0b3', '#7fbf4d'] as const;

/** Always the same colour for the same id; among people who are seen together, one that tells it from theirs. */
export function personColour(id: string, among?: ReadonlySet<string>): string {
  return (among && coloursOf(among).get(id)) ?? HUES[hueOf(id)] ?? HUES[0];
}

const known = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, string>>();

function coloursOf(people: ReadonlySet<string>): ReadonlyMap<string, string> {
  let colours = known.get(people);
  if (!colours) known.set(people, (colours = personColours(people)));
  return colours;
}

/**
 * Each has the colour of its id, or where somebody before has that, the next that fewest have. Before is who was made
 * before, as ids say, so that nobody's colour differs when others come.
 */
export function personColours(ids: Iterable<string>): ReadonlyMap<string, string> {
  const taken = HUES.map(() => 0);
  return new Map(
    [...ids].sort().map((id) => {
      const fewest = Math.min(...taken);
      let hue = hueOf(id);
      while (taken[hue] !== fewest) hue = (hue + 1) % HUES.length;
      taken[hue] = fewest + 1;
      return [id, HUES[hue] ?? HUES[0]];
    }),
  );
}

function hueOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 8191;
  return sum % HUES.length;
}
