import { expect, it } from 'vitest';

import { qrOf } from './qr';

/** The modules that a path of runs paints, row by row. */
function painted(path: string, side: number): boolean[][] {
  const rows = Array.from({ length: side }, () => Array.from({ length: side }, () => false));
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(length); at++) (rows[Number(y)] ?? [])[Number(x) + at] = true;
  }
  return rows;
}

it('paints the three squares by which a camera finds a code, and a quiet zone around all', () => {
  const code = qrOf('talus://join#abc');
  if (!code) throw new Error('it is short enough');
  const rows = painted(code.path, code.side);
  const row = (y: number) => (rows[y] ?? []).map((isDark) => (isDark ? '#' : '.')).join('');
  expect(row(3)).not.toContain('#');
  expect(row(4).startsWith('....#######.')).toBe(true);
  expect(row(4).endsWith('.#######....')).toBe(true);
  expect(row(5).startsWith('....#.....#.')).toBe(true);
  expect(row(code.side - 5).startsWith('....#######.')).toBe(true);
});

it('takes an invitation with many addresses, and nothing beyond what a camera reads', () => {
  expect(qrOf(`talus://join#${'A'.repeat(1500)}`)).not.toBeNull();
  expect(qrOf('A'.repeat(5000))).toBeNull();
});
