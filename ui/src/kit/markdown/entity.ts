const NAMED: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', reg: '®', trade: '™', hellip: '…', mdash: '—',
  ndash: '–', laquo: '«', raquo: '»', times: '×', deg: '°', euro: '€', rarr: '→', larr: '←',
};
const LAST = 0x10ffff;

/** The character that `&amp;` or `&#215;` stands for; what is unknown stays as it was typed. */
export function entity(written: string): string {
  const name = written.slice(1, -1);
  const number = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : name.startsWith('#') ? Number(name.slice(1)) : null;
  if (number === null) return NAMED[name] ?? written;
  return number > 0 && number <= LAST ? String.fromCodePoint(number) : written;
}
