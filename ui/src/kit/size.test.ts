import { expect, it } from 'vitest';
import { showSize } from './size';

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1_500, '1.5 kB'],
  [123_456, '123 kB'],
  [5_000_000_000_000, '5,000 GB'],
])('shows %d bytes', (bytes, text) => expect(showSize(bytes, 'en')).toBe(text));
