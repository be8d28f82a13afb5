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
  const words = [true, false, null].map((hasEverything) => contentOf(companion({ hasEverything }), 0).text);
  expect(words).toEqual(['Has everything', 'Is catching up', 'Has not said']);
});

it('says since when a machine is behind that does not catch up', () => {
  const behind = companion({ hasEverything: false, behindSince: 0 });
  expect(contentOf(behind, MINUTE / 2).text).toBe('Is catching up');
  expect(contentOf(behind, 5 * MINUTE).text).toMatch(/^Behind since 5 min/);
});

it('gives every trouble a code and something to do', () => {
  const troubles = troublesOf(companion({ hasDiverged: true, faults: 1, spoiled: 2 }));
  expect(troubles.map(({ code }) => code)).toEqual(['DIVERGED', 'NOT_APPLIED', 'ATTACHMENT_SPOILED']);
  expect(troubles[1]?.text).toBe('1 change from it could not be applied here.');
  expect(troubles.every(({ remedy }) => remedy !== '')).toBe(true);
  expect(troublesOf(companion())).toEqual([]);
});
