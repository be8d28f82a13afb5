import { expect, it } from 'vitest';

import { indentFor } from './indent';

it.each([
  [1_000, 1, 18],
  [1_000, 12, 18],
  [450, 4, 18],
  [450, 12, 18],
  [400, 12, 13],
  [320, 12, 8],
  [200, 40, 8],
])('indents titles of %d pixels and %d levels by %d', (width, deepest, indent) => {
  expect(indentFor(width, deepest)).toBe(indent);
});
