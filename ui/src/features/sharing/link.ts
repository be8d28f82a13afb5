// What is said of a way to another machine. Pure.

import type { Companion, LinkOrigin, PeerLink } from '../../bindings/app';
import { ago } from '../../project/when';
import { nameOf } from './peer';

const ORIGINS: Readonly<Record<LinkOrigin, string>> = {
  typed: 'Address',
  relay: 'Relay',
  found: 'Found on this network',
  visitor: 'Came here',
};

export interface Said {
  readonly icon: string;
  readonly text: string;
  /** Whether there is a link. */
  readonly isUp: boolean;
}

/** Whose it is, or what it is while nobody has answered there. */
export function titleOf({ device, origin }: PeerLink, companions: readonly Companion[]): string {
  if (device === null) return ORIGINS[origin];
  const known = companions.find((one) => one.device === device);
  return known ? nameOf(known) : `Machine ${device.slice(0, 6)}`;
}

/** How it came about, beside a name. */
export const originOf = ({ origin }: PeerLink): string => ORIGINS[origin];

/** How it stands. */
export function stateOf({ state }: PeerLink, now: number): Said {
  switch (state.kind) {
    case 'up':
      return { icon: 'plug-zap', text: `Linked since ${clock(state.since, now)}`, isUp: true };
    case 'dialling':
      return { icon: 'refresh-cw', text: 'Being tried', isUp: false };
    case 'waiting':
      return { icon: 'unplug', text: `${failed(state.failures)}, ${again(state.until - now)}`, isUp: false };
    case 'ended':
      return { icon: 'unplug', text: `Ended ${ago(state.at, now)}`, isUp: false };
  }
}

/** Links first, then what is wrong, then what is over; equals as they came. */
export function inOrder(links: readonly PeerLink[]): PeerLink[] {
  const rank = ({ state }: PeerLink) => ['up', 'dialling', 'waiting', 'ended'].indexOf(state.kind);
  return links.toSorted((a, b) => rank(a) - rank(b));
}

const failed = (times: number): string => (times <= 1 ? 'Failed' : `Failed ${times} times`);

function again(inMs: number): string {
  const seconds = Math.ceil(inMs / 1000);
  if (seconds <= 0) return 'tried again now';
  return seconds === 1 ? 'tried again in a second' : `tried again in ${seconds} seconds`;
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** The time of day; what is older is told by its distance. */
function clock(at: number, now: number): string {
  return now - at < 12 * 3_600_000 ? time.format(at) : ago(at, now);
}
