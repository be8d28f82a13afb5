import { describe, expect, it } from 'vitest';

import { freeName } from './projects';

describe('freeName', () => {
  it('leaves a name that nobody has', () => {
    expect(freeName('Low Tide', ['High Tide'])).toBe('Low Tide');
  });

  it('counts from two, and past what is taken', () => {
    expect(freeName('Low Tide', ['Low Tide'])).toBe('Low Tide 2');
    expect(freeName('Low Tide', ['Low Tide 2', 'Low Tide', 'Low Tide 4'])).toBe('Low Tide 3');
  });
});
