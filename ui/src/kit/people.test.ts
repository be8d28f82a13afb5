import { describe, expect, it } from 'vitest';

import { HUES, personColour, personColours } from './people';

const ids = Array.from({ length: 20 }, (_, at) => `person-${String(at).padStart(2, '0')}`);

describe('personColours', () => {
  it('gives eight people eight colours', () => {
    expect(new Set(personColours(ids.slice(0, 8)).values()).size).toBe(8);
  });

  it('gives no colour a third time before each has a second one', () => {
    const colours = [...personColours(ids.slice(0, 16)).values()];
    expect(HUES.map((hue) => colours.filter((colour) => colour === hue).length)).toEqual(HUES.map(() => 2));
  });

  it('leaves everybody their colour when somebody comes, in whichever order they are told', () => {
    const before = personColours(ids.slice(0, 6));
    const after = personColours(ids.slice(0, 9).reverse());
    expect([...before].every(([id, colour]) => after.get(id) === colour)).toBe(true);
  });

  it('keeps the colour of an id that nobody else wants', () => {
    expect(personColours(['ana']).get('ana')).toBe(personColour('ana'));
    expect(personColour('ana', new Set())).toBe(personColour('ana'));
    expect(personColour('ana', new Set(['ana']))).toBe(personColour('ana'));
  });
});
