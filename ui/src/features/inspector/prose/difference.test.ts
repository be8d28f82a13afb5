import { describe, expect, it } from 'vitest';
import { difference, type Range } from './difference';

function apply(before: string, ranges: Range[]): string {
  return ranges.reduceRight(
    (text, { from, to, insert }) => text.slice(0, from) + insert + text.slice(to),
    before,
  );
}

describe('difference', () => {
  it('finds nothing between equal texts', () => {
    expect(difference('same\ntext', 'same\ntext')).toEqual([]);
  });

  it('keeps what both texts share out of the ranges', () => {
    expect(difference('The quick fox', 'The slow fox')).toEqual([
      { from: 4, to: 9, insert: 'slow' },
    ]);
  });

  it('leaves the lines between two edits alone', () => {
    const ranges = difference('one\ntwo\nthree\nfour\n', 'One\ntwo\nthree\nfour!\n');
    expect(ranges).toEqual([
      { from: 0, to: 1, insert: 'O' },
      { from: 18, to: 18, insert: '!' },
    ]);
  });

  it('does not cut a character in two', () => {
    const ranges = difference('a😀b', 'a😃b');
    expect(ranges).toEqual([{ from: 1, to: 3, insert: '😃' }]);
  });

  it('leads from any text to any other', () => {
    const alphabet = ['a', 'b', '\n', '😀', 'é'];
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const text = (): string => Array.from({ length: next(40) }, () => alphabet[next(5)]).join('');
    for (let round = 0; round < 500; round++) {
      const [before, after] = [text(), text()];
      const ranges = difference(before, after);
      expect(apply(before, ranges)).toBe(after);
      ranges.slice(1).forEach((range, index) => {
        expect(range.from).toBeGreaterThanOrEqual(ranges[index]?.to ?? 0);
      });
    }
  });
});
