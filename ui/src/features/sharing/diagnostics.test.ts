import { expect, it } from 'vitest';

import { diagnosticsOf, examinationOf } from './diagnostics';
import { companion } from './fixture';

const subject = { version: '1.2.3', program: 'a browser', nodeCount: 42 };

it('says how each machine stands', () => {
  const companions = [
    companion({ device: 'a'.repeat(64), hasDiverged: true, seenAt: 1_000 }),
    companion({ device: 'b'.repeat(64), person: null, isLinked: false, hasEverything: null, faults: 3 }),
  ];
  const sharing = { room: 'f'.repeat(64), status: { kind: 'offline' } as const, waiting: 7, companions, unsendable: { code: 'TOO_LARGE_TO_SHARE', message: '', detail: 'changes that stay here: 2' }, unreadable: { code: 'KEY_MISSING', message: '', detail: '3 by d' }, offences: [{ device: 'c'.repeat(64), what: 'not a message', at: 2_000 }] };
  expect(diagnosticsOf({ ...subject, sharing }, 0).split('\n').slice(4)).toEqual([
    'nodes: 42',
    'room: ffffffffffff',
    'status: offline',
    'waiting: 7',
    'machines: 2',
    'TOO_LARGE_TO_SHARE: changes that stay here: 2',
    'KEY_MISSING: 3 by d',
    '- aaaaaaaaaaaa: somebody, linked, has: everything, DIVERGED, seen: 1970-01-01T00:00:01.000Z',
    '- bbbbbbbbbbbb: nobody, not linked, has: unknown, NOT_APPLIED: 3, seen: 1970-01-01T00:00:00.000Z',
    '! cccccccccccc: not a message, at: 1970-01-01T00:00:02.000Z',
  ]);
});

it('names nobody, and says nothing of what they look at', () => {
  const somebody = companion({ person: 'quokka-person', name: 'Ana Silva', colour: '#13fa7e', node: 'quokka-node', field: 'quokka-field' });
  const sharing = { room: 'r', status: { kind: 'syncing' } as const, waiting: 0, companions: [somebody], offences: [] };
  const report = diagnosticsOf({ ...subject, sharing }, 0);
  for (const secret of ['Ana', '13fa7e', 'quokka', somebody.device, 'f'.repeat(64)]) expect(report).not.toContain(secret);
});

it('has something to say of a project that is not shared', () => {
  expect(diagnosticsOf({ ...subject, sharing: null }, 0)).toContain('shared: no');
});

it('says how each link stands and why there is none', () => {
  const sharing = { room: 'r', status: { kind: 'offline' } as const, waiting: 0, companions: [], offences: [] };
  const links = [
    { address: '10.0.0.7:7825', origin: 'typed' as const, state: { kind: 'up' as const, since: 0 }, device: 'c'.repeat(64), trouble: null },
    {
      address: 'relay.example:7825', origin: 'relay' as const, state: { kind: 'waiting' as const, until: 9, failures: 2 }, device: null,
      trouble: { code: 'NOBODY_LISTENS', message: 'Nobody is there.', detail: 'refused' },
    },
  ];
  expect(diagnosticsOf({ ...subject, sharing, links }, 0).split('\n').slice(-2)).toEqual([
    '- 10.0.0.7:7825: typed, up, cccccccccccc, since: 1970-01-01T00:00:00.000Z',
    '- relay.example:7825: relay, waiting, failures: 2, NOBODY_LISTENS, refused',
  ]);
});

it('lists what the network doctor found', () => {
  const findings = [
    { code: 'network', status: 'ok' as const, message: 'This computer is at 10.0.0.1.', advice: null },
    { code: 'port-blocked', status: 'fail' as const, message: 'It is swallowed.', advice: 'Let it in.' },
  ];
  expect(examinationOf(findings, subject, 0).split('\n').slice(-2)).toEqual([
    'ok: network: This computer is at 10.0.0.1.',
    'fail: port-blocked: It is swallowed. Let it in.',
  ]);
});
