import { expect, it } from 'vitest';

import { refusalOf } from './invitation';

it('leaves to the application what may be an invitation', () => {
  expect(refusalOf('talus://join#eyJ2')).toBeNull();
  expect(refusalOf('\n  talus://join#eyJ2 \n')).toBeNull();
});

it.each([
  ['', 'Paste'],
  ['   ', 'Paste'],
  ['https://example.org', 'begins with'],
  ['Join me: talus://join#eyJ2', 'begins with'],
  ['talus://join#', 'cut off'],
  ['talus://join#eyJ2 thanks', 'white space'],
])('says what is wrong with %j', (text, words) => {
  expect(refusalOf(text)).toContain(words);
});
