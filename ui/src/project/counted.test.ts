import { expect, it } from 'vitest';

import type { Field } from '../bindings/graph';
import { counted } from './counted';
import { showValue } from './values';

it('counts one as one', () => {
  expect([0, 1, 2].map((count) => counted(count, 'edit'))).toEqual(['0 edits', '1 edit', '2 edits']);
  expect([1, 2].map((count) => counted(count, 'person', 'people'))).toEqual(['1 person', '2 people']);
});

it('says whose hours are planned', () => {
  const field = { kind: 'hours' } as Field;
  const reader = { title: String, option: () => undefined, currency: 'EUR' };
  const planned = (...people: string[]) => ({ hours: Object.fromEntries(people.map((id) => [id, { '2026-03-12': '4' }])) });
  expect(showValue(field, planned('ana'), reader)).toBe('1 person');
  expect(showValue(field, planned('ana', 'bo'), reader)).toBe('2 people');
});
