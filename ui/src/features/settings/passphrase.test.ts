import { expect, test } from 'vitest';

import { isOfPassphrase, passphraseProblem, whereKeysAre } from './passphrase';

test('a passphrase is long enough and typed twice', () => {
  expect(passphraseProblem('', '')).toBe('Use at least 8 characters');
  expect(passphraseProblem('seven77', 'seven77')).toBe('Use at least 8 characters');
  expect(passphraseProblem('quokka on', 'quokka off')).toBe('Type the same twice');
  expect(passphraseProblem('quokka on', 'quokka on')).toBeNull();
});

test('characters are counted, not their parts', () => {
  expect(passphraseProblem('🦘🦘🦘🦘', '🦘🦘🦘🦘')).toBe('Use at least 8 characters');
});

test('a failure is shown beside what it is about', () => {
  expect(['WRONG_PASSPHRASE', 'PASSPHRASE_TOO_SHORT', 'KEYCHAIN_LOCKED', 'DISK_FULL'].map(isOfPassphrase)).toEqual([true, true, false, false]);
});

test('where the keys are is said of each place in words of its own', () => {
  const places = (['file', 'passphrase', 'keychain', 'memory'] as const).map(whereKeysAre);
  expect(new Set(places).size).toBe(4);
  expect(places[0]).toContain('without a passphrase');
});
