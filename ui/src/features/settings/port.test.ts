import { expect, test } from 'vitest';

import { portOf } from './port';

test('a port is a number from 1 to 65535, and nothing leaves it to the program', () => {
  const typed = ['', '  ', '1', ' 7400 ', '65535', '0', '65536', '-1', '7e3', '74.0', 'x', '000001'];
  expect(typed.map(portOf)).toEqual([0, 0, 1, 7400, 65535, null, null, null, null, null, null, null]);
});
