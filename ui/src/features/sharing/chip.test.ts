import { describe, expect, it } from 'vitest';

import type { Sharing } from '../../bindings/app';
import { chipOf } from './chip';
import { companion } from './fixture';

const sharing = (rest: Partial<Sharing>): Sharing => ({ room: 'r', status: { kind: 'syncing' }, waiting: 0, companions: [], offences: [], ...rest });
const text = (rest: Partial<Sharing>, isEmpty = false) => chipOf(sharing(rest), isEmpty).text;

describe('chipOf', () => {
  it('offers to share what is not shared', () => {
    expect(chipOf(null, false)).toEqual({ kind: 'alone', text: 'Share' });
  });

  it('counts peers, and does not count relays', () => {
    expect(text({ status: { kind: 'live', peers: 3 } })).toBe('Live · 3 peers');
    expect(text({ status: { kind: 'live', peers: 1 } })).toBe('Live · 1 peer');
    expect(text({ status: { kind: 'live', peers: 0 } })).toBe('Live');
  });

  it('counts what waits while nobody is reached', () => {
    const status = { kind: 'offline' } as const;
    expect(text({ status, waiting: 12 })).toBe('Offline · 12 changes waiting');
    expect(text({ status, waiting: 1 })).toBe('Offline · 1 change waiting');
    expect(text({ status })).toBe('Offline');
  });

  it('is joining until something has arrived', () => {
    for (const kind of ['syncing', 'offline'] as const) expect(text({ status: { kind } }, true)).toBe('Joining');
  });

  it('says above all what is wrong', () => {
    const status = { kind: 'live', peers: 1 } as const;
    expect(text({ status, companions: [companion({ faults: 2 })] })).toBe('Problem · NOT_APPLIED');
    expect(text({ status, companions: [companion({ faults: 2 }), companion({ hasDiverged: true })] })).toBe('Problem · DIVERGED');
    const unsendable = { code: 'TOO_LARGE_TO_SHARE', message: '', detail: null };
    expect(text({ status, unsendable, companions: [companion({ faults: 2 })] })).toBe('Problem · TOO_LARGE_TO_SHARE');
  });
});
