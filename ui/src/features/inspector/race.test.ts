import { expect, it } from 'vitest';

import type { FieldDetails } from '../../bindings/app';
import type { Problem } from '../../bindings/graph';
import { sidesOf } from './race';

const side = (text: string, isShown: boolean) => ({ text, by: null, at: null, isShown });
const race = (field: string, ...texts: string[]): Problem => ({
  kind: 'fieldRace', node: 'a', field, link: null, others: [], message: '', fixes: [],
  sides: texts.map((text, at) => side(`“${text}”`, at === 0)),
});
const changed: FieldDetails = {
  field: 'cost', by: 'ana', at: 2,
  others: [{ value: { number: '7' }, by: 'bo', at: 1 }, { value: null, by: 'cy', at: 1 }],
};

it('tells what stands there that the field does not take', () => {
  const sides = sidesOf({ number: '6' }, changed, [race('hours', '1', '2'), race('cost', '6', '7', 'plenty')]);
  expect(sides.map(({ misfit }) => misfit)).toEqual([null, null, '“plenty”']);
  expect(sides.map(({ by }) => by)).toEqual(['ana', 'bo', 'cy']);
});

it('tells it of the value in force too', () => {
  expect(sidesOf(null, changed, [race('cost', 'a lot', '7', 'plenty')])[0]).toMatchObject({ misfit: '“a lot”', isShown: true });
});

it('knows what is empty', () => {
  expect(sidesOf(null, changed, []).map(({ misfit }) => misfit)).toEqual([null, null, null]);
});
