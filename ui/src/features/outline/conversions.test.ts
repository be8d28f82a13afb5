import { describe, expect, it } from 'vitest';

import { definitions } from './fixture';

const labels = (nodes: { type: string; above: string | null }[]) => definitions.conversions(nodes).map(({ id }) => id);

describe('conversions', () => {
  it('are the types that may stand there too', () => {
    expect(labels([{ type: 'job', above: 'job' }])).toEqual(['task']);
    expect(labels([{ type: 'phase', above: null }])).toEqual([]);
  });

  it('are those that fit all of several, also the type of some of them', () => {
    expect(labels([{ type: 'job', above: 'job' }, { type: 'task', above: 'job' }])).toEqual(['job', 'task']);
    expect(labels([{ type: 'task', above: 'job' }, { type: 'job', above: 'phase' }])).toEqual(['job']);
  });
});
