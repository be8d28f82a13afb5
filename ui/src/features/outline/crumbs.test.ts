import { expect, it } from 'vitest';

import { crumbs } from './crumbs';

it('shows a short path whole', () => {
  expect(crumbs(['a', 'b', 'c'])).toEqual({ folded: [], shown: ['a', 'b', 'c'] });
});

it('folds what is far above', () => {
  expect(crumbs(['a', 'b', 'c', 'd'])).toEqual({ folded: ['a', 'b'], shown: ['c', 'd'] });
  expect(crumbs([])).toEqual({ folded: [], shown: [] });
});
