import { expect, it } from 'vitest';

import { inspectorPart, leastInspectorPart } from './panes';

it.each([
  [900, 296],
  [1_024, 296],
  [1_440, 348],
  [1_920, 380],
  [3_840, 380],
])('gives the inspector in a window of %d pixels %d at first', (width, px) => {
  expect(Math.round(((width - 48) * inspectorPart(width)) / 100)).toBe(px);
});

it('lets nobody make the inspector unreadable', () => {
  for (const width of [900, 1_200, 2_560]) {
    expect(((width - 48) * leastInspectorPart(width)) / 100).toBeCloseTo(280);
    expect(leastInspectorPart(width)).toBeLessThanOrEqual(inspectorPart(width));
  }
  expect(leastInspectorPart(0)).toBe(50);
});
