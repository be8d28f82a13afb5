import { expect, it } from 'vitest';

import type { LinkState, PeerLink } from '../../bindings/app';
import { companion } from './fixture';
import { inOrder, stateOf, titleOf } from './link';

const link = (rest: Partial<PeerLink> = {}): PeerLink => ({
  address: '10.0.0.7:7825', origin: 'typed', state: { kind: 'dialling' }, device: null, trouble: null, ...rest,
});

it('calls a link by whoever is there, and by its kind while nobody is', () => {
  const ana = companion({ device: 'a'.repeat(64), name: 'Ana' });
  expect(titleOf(link({ device: 'a'.repeat(64) }), [ana])).toBe('Ana');
  expect(titleOf(link({ device: 'b'.repeat(64) }), [ana])).toBe('Machine bbbbbb');
  expect(titleOf(link({ origin: 'relay' }), [ana])).toBe('Relay');
});

it.each<[LinkState, string, boolean]>([
  [{ kind: 'dialling' }, 'Being tried', false],
  [{ kind: 'waiting', until: 61_000, failures: 1 }, 'Failed, tried again in a second', false],
  [{ kind: 'waiting', until: 90_001, failures: 3 }, 'Failed 3 times, tried again in 31 seconds', false],
  [{ kind: 'waiting', until: 0, failures: 2 }, 'Failed 2 times, tried again now', false],
  [{ kind: 'ended', at: 59_000 }, 'Ended just now', false],
])('says how %j stands', (state, text, isUp) => {
  expect(stateOf(link({ state }), 60_000)).toMatchObject({ text, isUp });
});

it('says since when there is a link', () => {
  const { text, isUp } = stateOf(link({ state: { kind: 'up', since: 0 } }), 60_000);
  expect(text).toMatch(/^Linked since \d/);
  expect(isUp).toBe(true);
});

it('shows links first and keeps the order of equals', () => {
  const links = [
    link({ address: 'a', state: { kind: 'ended', at: 0 } }),
    link({ address: 'b' }),
    link({ address: 'c', state: { kind: 'up', since: 0 } }),
    link({ address: 'd' }),
  ];
  expect(inOrder(links).map(({ address }) => address)).toEqual(['c', 'b', 'd', 'a']);
});
