// Exact decimals as people type and read them. A value is a canonical string such as `-1234.50`;
// it never becomes a floating point number, so nothing is rounded on the way.

const CANONICAL = /^-?\d+(\.\d+)?$/;

interface Marks {
  group: string;
  decimal: string;
}

function marksOf(locale: string): Marks {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(-11111.5);
  const find = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return { group: find('group'), decimal: find('decimal') || '.' };
}

/**
 * The canonical form of typed text, or null where it is not a number. Accepts the locale's decimal
 * mark and the other common one, group marks, spaces, a sign and currency words around it.
 */
export function parseDecimal(text: string, locale: string): string | null {
  const bare = text
    .normalize('NFKC')
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/[\s'\u2019_]/g, '')
    .replace(/^([+-]?)[\p{Sc}\p{L}]+\.?/u, '$1')
    .replace(/[\p{Sc}\p{L}]+$/u, '');
  const match = /^([+-]?)[\p{Sc}]?([\d.,]*\d[\d.,]*)$/u.exec(bare);
  if (!match) return null;
  const digits = withPoint(match[2] ?? '', marksOf(locale));
  if (digits === null) return null;
  const [whole = '', fraction] = digits.split('.');
  const head = whole.replace(/^0+(?=\d)/, '') || '0';
  const body = fraction ? `${head}.${fraction}` : head;
  return match[1] === '-' && /[1-9]/.test(body) ? `-${body}` : body;
}

/** Digits with at most one point, once it is decided which mark groups and which one is decimal. */
function withPoint(digits: string, marks: Marks): string | null {
  const points = digits.split('.').length - 1;
  const commas = digits.split(',').length - 1;
  if (points && commas) {
    const decimal = digits.lastIndexOf('.') > digits.lastIndexOf(',') ? '.' : ',';
    const group = decimal === '.' ? ',' : '.';
    if ((decimal === '.' ? points : commas) > 1) return null;
    return grouped(digits, group, decimal);
  }
  const mark = points ? '.' : commas ? ',' : null;
  if (mark === null) return digits;
  if (points + commas > 1) return grouped(digits, mark, null);
  if (mark === marks.group && /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits))
    return digits.replace(mark, '');
  return digits.replace(mark, '.');
}

function grouped(digits: string, group: string, decimal: string | null): string | null {
  const [whole = '', fraction] = decimal === null ? [digits] : digits.split(decimal);
  const groups = whole.split(group);
  const regular = groups.every((part, index) =>
    (index === 0 ? /^\d{1,3}$/ : /^\d{2,3}$/).test(part),
  );
  if (!regular) return null;
  return fraction === undefined ? groups.join('') : `${groups.join('')}.${fraction}`;
}

/** The form in which a value is edited: the locale's decimal mark, no groups. */
export function editableDecimal(value: string, locale: string): string {
  return value.replace('.', marksOf(locale).decimal);
}

/** Exact sum of canonical decimals. */
export function sumDecimals(values: readonly string[]): string {
  const places = Math.max(0, ...values.map((value) => value.split('.')[1]?.length ?? 0));
  const scaled = values.reduce((sum, value) => sum + scale(value, places), 0n);
  if (places === 0) return scaled.toString();
  const sign = scaled < 0n ? '-' : '';
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return `${sign}${whole}${fraction ? `.${fraction}` : ''}`;
}

function scale(value: string, places: number): bigint {
  if (!CANONICAL.test(value)) return 0n;
  const [whole = '0', fraction = ''] = value.split('.');
  return (
    BigInt(whole.replace('-', '') + fraction.padEnd(places, '0')) *
    (value.startsWith('-') ? -1n : 1n)
  );
}
