import { expect, it } from 'vitest';

import { companion } from './fixture';
import { contentOf, nameOf, troublesOf, whereOf } from './peer';

const MINUTE = 60_000;

it('tells who is here from who was', () => {
  expect(whereOf(companion(), 0)).toBe('Here now, linked to this machine');
  expect(whereOf(companion({ isLinked: false }), 0)).toBe('Here now, through others');
  expect(whereOf(companion({ person: null }), 0)).toBe('Connected, linked to this machine');
  expect(whereOf(companion({ person: null, isLinked: false }), 2 * MINUTE)).toMatch(/^Last seen 2 min/);
});

it('calls a machine without a person by its id', () => {
  expect(nameOf(companion({ name: null, device: 'abcdef0123' }))).toBe('Machine abcdef');
});

it('says what a machine holds, also that nobody knows', () => {
  const words = [true, false, null].map((hasEverything) => contentOf(companion({ hasEverything })).text);
  expect(words).toEqual(['Has everything', 'Is catching up', 'Has not said']);
});

it('gives every trouble a code and something to do', () => {
  const troubles = troublesOf(companion({ hasDiverged: true, faults: 1 }));
  expect(troubles.map(({ code }) => code)).toEqual(['DIVERGED', 'NOT_APPLIED']);
  expect(troubles[1]?.text).toBe('1 change from it could not be applied here.');
  expect(troubles.every(({ remedy }) => remedy !== '')).toBe(true);
  expect(troublesOf(companion())).toEqual([]);
});
