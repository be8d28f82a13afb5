import { expect, it } from 'vitest';

import type { FieldKind } from '../../bindings/graph';
import { showDate } from '../../project/values';
import { unmappedText } from './unmapped';

const names = {
  option: (id: string) => ({ urgent: 'Urgent', red: 'Red' })[id] ?? null,
  node: (id: string) => (id === 'n1' ? 'Mia' : null),
};
const shown = (kind: FieldKind | null, text: string) => unmappedText({ field: 'f', label: 'F', kind, text, reason: '' }, names);

it('calls options and nodes by their names, also those that are gone', () => {
  expect(shown('select', 'urgent')).toBe('Urgent');
  expect(shown('multiSelect', 'red, urgent, blue')).toBe('Red, Urgent, blue');
  expect(shown('people', 'n1, n2')).toBe('Mia, deleted item');
});

it('shows dates as everywhere, and what is no date as it was written', () => {
  expect(shown('date', '2026-09-23')).toBe(showDate('2026-09-23'));
  expect(shown('date', 'soon, 2026-09-23')).toBe('soon, 2026-09-23');
});

it('leaves alone what is text, also of a field that is unknown', () => {
  expect(shown('text', 'urgent, n1')).toBe('urgent, n1');
  expect(shown(null, 'n1')).toBe('n1');
});
