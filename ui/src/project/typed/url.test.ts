import { expect, it } from 'vitest';
import { parseUrl, shortUrl } from './url';

it.each([
  ['example.com/a?b=1', 'https://example.com/a?b=1'],
  ['http://example.com', 'http://example.com'],
  ['localhost:8080', 'https://localhost:8080'],
  ['mailto:ana@example.com', 'mailto:ana@example.com'],
  ['münchen.example', 'https://münchen.example'],
])('reads %s', (typed, url) => expect(parseUrl(typed)).toBe(url));

it.each(['', 'brakes', 'two words.com', 'javascript:alert(1)', 'https://', 'ftp://x.example'])(
  'refuses %s',
  (typed) => expect(parseUrl(typed)).toBeNull(),
);

it('shortens for reading', () => {
  expect(shortUrl('https://www.example.com/')).toBe('example.com');
});
