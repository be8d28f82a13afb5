import { expect, it } from 'vitest';

import { marked } from './find.svelte';

const marks = (title: string, query: string) => marked(title, query).map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('');

it('marks every word wherever it stands', () => {
  expect(marks('Front brake front', 'front')).toBe('[Front] brake [front]');
  expect(marks('Front brake', 'rak fr')).toBe('[Fr]ont b[rak]e');
});

it('does not mind case and accents, and keeps letters whole', () => {
  expect(marks('Crème brûlée 🚗', 'creme')).toBe('[Crème] brûlée 🚗');
  expect(marks('🚗🚗', '🚗')).toBe('[🚗🚗]');
});

it('marks nothing without words', () => {
  expect(marks('Front', '  ')).toBe('Front');
});
