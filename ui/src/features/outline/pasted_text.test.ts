import { describe, expect, it } from 'vitest';

import { pastedRows } from './pasted_text';

/** Rows drawn as an indented list. */
const drawn = (text: string) => pastedRows(text).map(({ title, depth }) => `${'  '.repeat(depth)}${title}`);

describe('pastedRows', () => {
  it('makes a row of each line that says something', () => {
    expect(drawn('one\r\n\r\n  \ntwo\n')).toEqual(['one', 'two']);
    expect(drawn(' \n\t\n')).toEqual([]);
  });

  it('takes indentation for depth, with blanks, tabs or both', () => {
    expect(drawn('a\n  b\n    c\n  d\ne')).toEqual(['a', '  b', '    c', '  d', 'e']);
    expect(drawn('a\n\tb\n\t\tc\nd')).toEqual(['a', '  b', '    c', 'd']);
    expect(drawn('a\n    b\n\tc')).toEqual(['a', '  b', '  c']);
    expect(drawn('a\n        b\n   c\n  d')).toEqual(['a', '  b', '  c', '  d']);
  });

  it('takes bullets, numbers and boxes away', () => {
    expect(drawn('- a\n  * b\n  + c\n1. d\n   2) e\n- [ ] f\n- [x] g\n• h')).toEqual(
      ['a', '  b', '  c', 'd', '  e', 'f', 'g', 'h'],
    );
    expect(drawn('-5 degrees\n1.5 litres\n*')).toEqual(['-5 degrees', '1.5 litres', '*']);
  });

  it('puts what follows a heading beneath it', () => {
    expect(drawn('# Engine\n- strip\n  - clean\n## Head\nskim\n# Body')).toEqual(
      ['Engine', '  strip', '    clean', '  Head', '    skim', 'Body'],
    );
    expect(drawn('### Deep\n# Shallow')).toEqual(['Deep', 'Shallow']);
  });

  it('takes the first cell of a row of a spreadsheet', () => {
    expect(drawn('Brakes\t12\tAna\nAxle\t\t\n\tBolts\t4')).toEqual(['Brakes', 'Axle', '  Bolts']);
  });

  it('begins at the top, whatever was copied', () => {
    expect(drawn('      a\n    b\n        c')).toEqual(['a', 'b', '  c']);
  });

  it('keeps what a line can show and nothing else', () => {
    expect(drawn('a\u0000b\u0007  c')).toEqual(['a b c']);
  });

  it('reads 10,000 lines at once', () => {
    const rows = pastedRows(Array.from({ length: 10_000 }, (_, at) => `${'\t'.repeat(at % 40)}row ${at}`).join('\n'));
    expect(rows).toHaveLength(10_000);
    expect(rows[39]?.depth).toBe(39);
  });
});
