import { expect, test } from 'vitest';

import { passphraseProblem } from './passphrase';

test('a passphrase is long enough and typed twice', () => {
  expect(passphraseProblem('', '')).toBe('Use at least 8 characters');
  expect(passphraseProblem('seven77', 'seven77')).toBe('Use at least 8 characters');
  expect(passphraseProblem('quokka on', 'quokka off')).toBe('Type the same twice');
  expect(passphraseProblem('quokka on', 'quokka on')).toBeNull();
});

test('characters are counted, not their parts', () => {
  expect(passphraseProblem('🦘🦘🦘🦘', '🦘🦘🦘🦘')).toBe('Use at least 8 characters');
});
