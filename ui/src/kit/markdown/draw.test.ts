// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import { safeAddress } from './address';
import { drawMarkdown } from './draw';

function html(text: string): string {
  const place = document.createElement('div');
  place.append(...drawMarkdown(text));
  return place.innerHTML;
}
const link = (href: string, inside: string) =>
  `<a href="${href}" target="_blank" rel="noopener noreferrer" title="${href}">${inside}</a>`;

describe('drawMarkdown', () => {
  it.each([
    ['plain', '<p>plain</p>'],
    ['**bold** *slanted* ~~gone~~ `code`', '<p><strong>bold</strong> <em>slanted</em> <del>gone</del> <code>code</code></p>'],
    ['two\nlines', '<p>two<br>lines</p>'],
    ['hard  \nbreak', '<p>hard<br>break</p>'],
    ['# One\n\n## Two ##', '<h4>One</h4><h5>Two</h5>'],
    ['Set\n===', '<h4>Set</h4>'],
    ['- one\n- two\n  - three', '<ul><li>one</li><li>two<ul><li>three</li></ul></li></ul>'],
    ['3. three\n4. four', '<ol start="3"><li>three</li><li>four</li></ol>'],
    ['> quoted\n> twice', '<blockquote><p>quoted<br>twice</p></blockquote>'],
    ['```js\nlet a;\n  let b;\n```', '<pre><code>let a;\n  let b;</code></pre>'],
    ['---', '<hr>'],
    ['a &amp; b &#215; &nope; \\*', '<p>a &amp; b × &amp;nope; *</p>'],
    ['', ''],
  ])('draws %j', (text, drawn) => expect(html(text)).toBe(drawn));

  it('draws boxes of tasks', () => {
    expect(html('- [x] done\n- [ ] open')).toBe(
      '<ul><li class="task"><span role="img" aria-label="done">☑</span> done</li>' +
        '<li class="task"><span role="img" aria-label="to do">☐</span> open</li></ul>',
    );
  });

  it('draws tables with the sides of their columns', () => {
    expect(html('| a | b |\n|---|--:|\n| 1 | **2** |')).toBe(
      '<table><thead><tr><th style="text-align: start;">a</th><th style="text-align: end;">b</th></tr></thead>' +
        '<tbody><tr><td style="text-align: start;">1</td><td style="text-align: end;"><strong>2</strong></td></tr></tbody></table>',
    );
  });

  it('leads out of the window', () => {
    expect(html('[docs](https://a.example/x "title")')).toBe(`<p>${link('https://a.example/x', 'docs')}</p>`);
    expect(html('https://a.example/x')).toBe(`<p>${link('https://a.example/x', 'https://a.example/x')}</p>`);
    expect(html('<me@a.example>')).toBe(`<p>${link('mailto:me@a.example', 'me@a.example')}</p>`);
    expect(html('[there][r]\n\n[r]: https://a.example/r')).toBe(`<p>${link('https://a.example/r', 'there')}</p>`);
  });

  it('fetches no picture, and leads to it', () => {
    expect(html('![a cat](https://a.example/cat.png)')).toBe(`<p>${link('https://a.example/cat.png', 'a cat')}</p>`);
    expect(html('![x](data:image/svg+xml,<svg/onload=alert(1)>)')).not.toContain('<img');
  });

  it('makes no markup of what was written', () => {
    expect(html('<b>bold</b> <img src=x onerror=alert(1)>')).toBe(
      '<p>&lt;b&gt;bold&lt;/b&gt; &lt;img src=x onerror=alert(1)&gt;</p>',
    );
    expect(html('<script>alert(1)</script>')).toBe('<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>');
    expect(html('[x](javascript:alert(1))')).toBe('<p>x</p>');
    expect(html('[x](JaVaScRiPt&#58;alert(1))')).toBe('<p>x</p>');
    expect(html('[x](file:///etc/passwd)')).toBe('<p>x</p>');
  });

  it('survives what nests without end', () => {
    expect(html(`${'> '.repeat(500)}deep`)).toContain('deep');
    expect(html(`${'*a '.repeat(2_000)}`)).toContain('a');
    expect(html('['.repeat(5_000))).toContain('[');
  });
});

it.each([
  ['https://a.example', 'https://a.example/'],
  ['www.a.example', 'https://www.a.example/'],
  ['me@a.example', 'mailto:me@a.example'],
  ['javascript:alert(1)', null],
  [' data:text/html,x', null],
  ['vbscript:x', null],
  ['talus://join#secret', null],
  ['/relative', null],
])('judges the address %j', (written, address) => expect(safeAddress(written)).toBe(address));
