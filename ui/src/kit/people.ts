// Colours of people who have chosen none: eight hues of equal lightness that stay apart under deuteranopia.

export const HUES = ['#58a6ff', '#e08e45', '#3fb6a8', '#c58af9', '#d6b53c', '#e87fa6', '#8fa0b3', '#7fbf4d'] as const;

/** Always the same colour for the same id. */
export function personColour(id: string): string {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 8191;
  return HUES[sum % HUES.length] ?? HUES[0];
}
