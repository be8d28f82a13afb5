import { expect, it } from 'vitest';

import { readable } from './locale';

it('keeps the language of the system, and English for one without', () => {
  expect(readable('de-CH')).toBe('de-CH');
  expect(readable('en-US-u-va-posix')).toBe('en-US');
});
