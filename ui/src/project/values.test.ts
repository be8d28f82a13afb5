import { expect, it } from 'vitest';

import { showDate } from './values';

it.each([
  ['0050-01-01', '50'],
  ['1950-01-01', '1950'],
  ['9999-12-31', '9999'],
])('shows the year of %s', (iso, year) => {
  expect(showDate(iso).match(/\d+/g)).toContain(year);
});
