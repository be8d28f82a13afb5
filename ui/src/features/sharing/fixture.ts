// A machine for tests.

import type { Companion } from '../../bindings/app';

export const companion = (rest: Partial<Companion> = {}): Companion => ({
  device: 'd'.repeat(64), person: 'p', name: 'Ana', colour: '#58a6ff', node: null, field: null, isTyping: false, isLinked: true,
  hasEverything: true, behindSince: null, hasDiverged: false, faults: 0, spoiled: 0, seenAt: 0, ...rest,
});
