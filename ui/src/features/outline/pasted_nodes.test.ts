import { expect, it } from 'vitest';

import { Definitions } from '../../project/template';
import { definitions } from './fixture';
import { clippingOf, typed } from './pasted_nodes';
import { pastedRows } from './pasted_text';

const types = (text: string, parent: string | null, preferred: string | null = null) =>
  typed(pastedRows(text), definitions, parent, preferred);

it('gives each level the first type that is allowed', () => {
  expect(types('a\n  b\n    c', null)).toEqual({ types: ['phase', 'job', 'job'] });
  expect(types('a\nb', 'job')).toEqual({ types: ['job', 'job'] });
});

it('prefers the type of the row beside', () => {
  expect(types('a\nb', 'job', 'task')).toEqual({ types: ['task', 'task'] });
  expect(types('a', 'job', 'phase')).toEqual({ types: ['job'] });
});

it('takes a type that can have what is beneath, for all siblings where one can', () => {
  expect(types('a\nb\n  c', 'job', 'task')).toEqual({ types: ['job', 'job', 'job'] });
  expect(types('a\n  b\n    c\n      d', 'phase')).toEqual({ types: ['job', 'job', 'job', 'job'] });
});

it('says why it cannot', () => {
  expect(types('a', 'task')).toEqual({ refusal: 'Nothing can stand under Task.' });
  const flat = new Definitions({ fields: [], types: definitions.template.types.map((type) => ({ ...type, children: [] })) });
  expect(typed(pastedRows('fine\na\n  b\n    c\nd'), flat, null, null)).toEqual({
    refusal: '“a” has 2 levels beneath it, and what can stand at the top takes fewer: Phase.',
  });
});

it('is quick, however deep', () => {
  const rows = Array.from({ length: 10_000 }, (_, at) => ({ title: String(at), depth: at }));
  expect(typed(rows, definitions, 'job', null)).toMatchObject({ types: { length: 10_000 } });
});

it('makes nodes with titles and defaults', () => {
  const field = { key: '', label: '', options: [], required: false, unit: null, help: '', targets: [] };
  const withFields = new Definitions({
    fields: [
      { ...field, id: 'title', kind: 'text', role: 'title', default: { text: 'unused' } },
      { ...field, id: 'hours', kind: 'number', role: null, default: { number: '4' } },
      { ...field, id: 'note', kind: 'text', role: null, default: null },
    ],
    types: definitions.template.types.map((type) => ({
      ...type, fields: ['title', 'hours', 'note'].map((id) => ({ field: id, group: '' })),
    })),
  });
  const { nodes } = clippingOf(pastedRows('a\n  b\nc'), ['phase', 'job', 'phase'], withFields);
  expect(nodes.map(({ parent, nodeType }) => [parent, nodeType])).toEqual([[null, 'phase'], [0, 'job'], [null, 'phase']]);
  expect(nodes[1]?.values).toEqual([['title', { text: 'b' }], ['hours', { number: '4' }]]);
});
