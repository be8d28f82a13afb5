// What the network doctor found, in order and in a sentence. Pure.

import type { FindingStatus, NetworkFinding } from '../../bindings/app';

export const SIGNS: Readonly<Record<FindingStatus, { icon: string; word: string }>> = {
  ok: { icon: 'circle-check', word: 'As it should be:' },
  unknown: { icon: 'circle-question-mark', word: 'Not known:' },
  warn: { icon: 'triangle-alert', word: 'Perhaps a hindrance:' },
  fail: { icon: 'circle-x', word: 'A hindrance:' },
};

const BY_WEIGHT: readonly FindingStatus[] = ['fail', 'warn', 'unknown', 'ok'];

/** What one can act on comes first; equals as they were found. */
export function worstFirst(findings: readonly NetworkFinding[]): NetworkFinding[] {
  return findings.toSorted((a, b) => BY_WEIGHT.indexOf(a.status) - BY_WEIGHT.indexOf(b.status));
}

export function conclusionOf(findings: readonly NetworkFinding[]): string {
  const fails = findings.filter(({ status }) => status === 'fail').length;
  if (fails > 0) return fails === 1 ? 'One thing stands in the way.' : `${fails} things stand in the way.`;
  const isSure = findings.every(({ status }) => status === 'ok');
  return isSure ? 'Nothing stands in the way.' : 'Nothing was found that stands in the way for certain.';
}
