import { expect, it } from 'vitest';

import { diagnosticsOf } from './diagnostics';
import { companion } from './fixture';

const subject = { version: '1.2.3', program: 'a browser', nodeCount: 42 };

it('says how each machine stands', () => {
  const companions = [
    companion({ device: 'a'.repeat(64), hasDiverged: true, seenAt: 1_000 }),
    companion({ device: 'b'.repeat(64), person: null, isLinked: false, hasEverything: null, faults: 3 }),
  ];
  const sharing = { room: 'f'.repeat(64), status: { kind: 'offline' } as const, waiting: 7, companions };
  expect(diagnosticsOf({ ...subject, sharing }, 0).split('\n').slice(4)).toEqual([
    'nodes: 42',
    'room: ffffffffffff',
    'status: offline',
    'waiting: 7',
    'machines: 2',
    '- aaaaaaaaaaaa: somebody, linked, has: everything, DIVERGED, seen: 1970-01-01T00:00:01.000Z',
    '- bbbbbbbbbbbb: nobody, not linked, has: unknown, NOT_APPLIED: 3, seen: 1970-01-01T00:00:00.000Z',
  ]);
});

it('names nobody', () => {
  const sharing = { room: 'r', status: { kind: 'syncing' } as const, waiting: 0, companions: [companion({ name: 'Ana Silva' })] };
  expect(diagnosticsOf({ ...subject, sharing }, 0)).not.toContain('Ana');
});

it('has something to say of a project that is not shared', () => {
  expect(diagnosticsOf({ ...subject, sharing: null }, 0)).toContain('shared: no');
});
