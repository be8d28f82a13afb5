import { expect, it } from 'vitest';

import { FoldState } from './fold';

it('remembers exceptions to its rule only', () => {
  const folded = new FoldState({ rule: 'folded', except: [] }).with(['a', 'b'], false);
  expect(folded.isFolded('a')).toBe(false);
  expect(folded.isFolded('c')).toBe(true);
  expect(folded.with(['a'], true).fold).toEqual({ rule: 'folded', except: ['b'] });
});

it('is itself when nothing differs', () => {
  const open = new FoldState({ rule: 'open', except: ['a'] });
  expect(open.with(['a'], true)).toBe(open);
});

it('drops nodes that are gone', () => {
  const open = new FoldState({ rule: 'open', except: ['a', 'b'] });
  expect(open.without((id) => id === 'b').fold.except).toEqual(['b']);
});
