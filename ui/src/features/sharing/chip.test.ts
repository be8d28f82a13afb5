import { describe, expect, it } from 'vitest';

import type { Companion, Sharing } from '../../bindings/app';
import { chipOf } from './chip';
import { companion } from './fixture';

const sharing = (rest: Partial<Sharing>): Sharing => ({ room: 'r', status: { kind: 'syncing' }, waiting: 0, companions: [], offences: [], ...rest });
const MINUTE = 60_000;
const text = (rest: Partial<Sharing>, isEmpty = false, now = 0) => chipOf(sharing(rest), isEmpty, now).text;
const behind = (rest: Partial<Companion> = {}) => companion({ hasEverything: false, behindSince: 0, ...rest });

describe('chipOf', () => {
  it('offers to share what is not shared', () => {
    expect(chipOf(null, false, 0)).toEqual({ kind: 'alone', text: 'Share' });
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

  it('names who is behind for longer than catching up takes, once others are reached', () => {
    const status = { kind: 'live', peers: 0 } as const;
    const gone = behind({ person: null, isLinked: false, seenAt: 0 });
    const at = (companions: Companion[], now: number, kind = status as Sharing['status']) => text({ status: kind, companions }, false, now);
    expect(at([gone], MINUTE)).toBe('Live');
    expect(at([gone], 121 * MINUTE)).toBe('Behind: Ana last seen 2 hours ago');
    expect(at([behind()], 5 * MINUTE, { kind: 'syncing' })).toBe('Behind: Ana since 5 minutes ago');
    expect(at([gone], 121 * MINUTE, { kind: 'offline' })).toBe('Offline');
    expect(chipOf(sharing({ status, companions: [gone] }), false, 5 * MINUTE).kind).toBe('behind');
  });

  it('begins with who is behind for longest, and counts the others once each', () => {
    const bo = (device: string) => behind({ device, name: 'Bo', behindSince: 9 });
    expect(text({ status: { kind: 'syncing' }, companions: [bo('1'), behind(), bo('2')] }, false, 5 * MINUTE)).toBe('Behind: Ana and 1 more');
  });

  it('waits for nobody where nobody sits, nor for whoever has not said what they hold', () => {
    const status = { kind: 'live', peers: 1 } as const;
    const companions = [behind({ name: null, person: null }), companion({ hasEverything: null }), companion()];
    expect(text({ status, companions }, false, 90 * MINUTE)).toBe('Live · 1 peer');
  });

  it('waits for a key rather than for content that is here and cannot be read', () => {
    const unreadable = { code: 'KEY_MISSING', message: '', detail: null };
    const status = { kind: 'live', peers: 1 } as const;
    expect(chipOf(sharing({ status, unreadable }), true, 0)).toEqual({ kind: 'unreadable', text: 'Waiting for a key' });
    expect(text({ status, unreadable, companions: [companion({ faults: 2 })] })).toBe('Problem · NOT_APPLIED');
  });

  it('says above all what is wrong', () => {
    const status = { kind: 'live', peers: 1 } as const;
    expect(text({ status, companions: [companion({ faults: 2 })] })).toBe('Problem · NOT_APPLIED');
    expect(text({ status, companions: [companion({ faults: 2 }), companion({ hasDiverged: true })] })).toBe('Problem · DIVERGED');
    const unsendable = { code: 'TOO_LARGE_TO_SHARE', message: '', detail: null };
    expect(text({ status, unsendable, companions: [companion({ faults: 2 })] })).toBe('Problem · TOO_LARGE_TO_SHARE');
  });
});
