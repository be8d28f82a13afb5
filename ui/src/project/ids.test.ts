import { expect, it } from 'vitest';

import { mintId } from './ids';

it('mints UUIDs of version 7 that sort by time', () => {
  const early = mintId(1_700_000_000_000);
  const late = mintId(1_700_000_000_001);
  expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(early < late).toBe(true);
  expect(Number.parseInt(early.replace('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000);
});
