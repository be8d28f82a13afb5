import { expect, it } from 'vitest';

import type { FindingStatus, NetworkFinding } from '../../bindings/app';
import { conclusionOf, worstFirst } from './finding';

const finding = (status: FindingStatus, code = ''): NetworkFinding => ({ code, status, message: '', advice: null });

it('shows first what one can act on', () => {
  const found = [finding('ok', 'a'), finding('unknown', 'b'), finding('fail', 'c'), finding('warn', 'd'), finding('fail', 'e')];
  expect(worstFirst(found).map(({ code }) => code)).toEqual(['c', 'e', 'd', 'b', 'a']);
});

it.each<[FindingStatus[], string]>([
  [['ok', 'fail'], 'One thing stands in the way.'],
  [['fail', 'warn', 'fail'], '2 things stand in the way.'],
  [['ok', 'unknown'], 'Nothing was found that stands in the way for certain.'],
  [['ok', 'ok'], 'Nothing stands in the way.'],
])('concludes from %j', (statuses, conclusion) => {
  expect(conclusionOf(statuses.map((status) => finding(status)))).toBe(conclusion);
});
