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
 * A sign and what a currency is called stand before the digits in either order, the currency behind
 * them too. A point ends an abbreviation (`kr.`); one letter behind a number (`5K`) would be no currency.
 */
const TYPED =
  /^([+-]?)([\p{Sc}\p{L}]*(?:(?<=\p{L})\.)?)([+-]?)([\d.,]*\d[\d.,]*)(\p{Sc}?|[\p{Sc}\p{L}]{2,}(?:(?<=\p{L})\.)?)$/u;

/** What typed text means, or what to tell whoever typed it. */
export type Reading = { readonly number: string } | { readonly refusal: string };

export interface DecimalContext {
  locale: string;
  /** The field's own unit, which may stand behind the digits. */
  unit?: string | null;
  /** The code of the one currency that amounts are in; none: a currency is passed over. */
  currency?: string | null;
}

/**
 * Reads typed text as an exact number in its canonical form. Accepts the locale's decimal mark and the
 * other common one, group marks, spaces, a sign, symbols or codes of currencies, and the field's own unit.
 */
export function readDecimal(text: string, { locale, unit = null, currency = null }: DecimalContext): Reading {
  const typed = bareText(text);
  const behind = bareText(unit ?? '');
  const isWithUnit = behind !== '' && typed.toLowerCase().endsWith(behind.toLowerCase());
  const notANumber = { refusal: `That is not a number. Write it like ${editableDecimal('1250.5', locale)}.` };
  const match = TYPED.exec(isWithUnit ? typed.slice(0, -behind.length) : typed);
  if (!match) return notANumber;
  const [, first = '', before = '', second = '', figures = '', after = ''] = match;
  const sign = first + second;
  if (sign.length > 1 || !isCurrency(before, locale) || !isCurrency(after, locale)) return notANumber;
  const digits = withPoint(figures, marksOf(locale));
  if (digits === null) return notANumber;
  const isForeign = (word: string) => currency !== null && word !== '' && !wordsOf(currency, locale).has(bareWord(word));
  if (isForeign(before) || isForeign(after)) return { refusal: `Amounts are in ${currency} here, and are not converted.` };
  const [whole = '', fraction] = digits.split('.');
  const head = whole.replace(/^0+(?=\d)/, '') || '0';
  const body = fraction ? `${head}.${fraction}` : head;
  if (!isKept(body)) return { refusal: `That has too many digits: ${MAX_DIGITS} are kept.` };
  return { number: sign === '-' && /[1-9]/.test(body) ? `-${body}` : body };
}

/** So many digits are kept exactly, on both sides of the point together. */
const MAX_DIGITS = 28;

const isKept = (canonical: string): boolean => canonical.replace('.', '').replace(/^0+/, '').length <= MAX_DIGITS &&
  (canonical.split('.')[1]?.length ?? 0) <= MAX_DIGITS;

const bareText = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/[\s'\u2019_]/g, '');

/** Whether text beside a number is nothing or a currency, perhaps with its country (`US$`). */
function isCurrency(text: string, locale: string): boolean {
  return /^([A-Z]{0,3}\p{Sc})?$/u.test(text) || currencies(locale).has(bareWord(text));
}

const bareWord = (word: string): string => word.normalize('NFKC').replace(/[\s.]/g, '').toUpperCase();

const known = new Map<string, ReadonlySet<string>>();

/** Codes and symbols of all currencies in a locale. Gathered once, and only where letters were typed. */
function currencies(locale: string): ReadonlySet<string> {
  let words = known.get(locale);
  if (!words) {
    words = new Set(Intl.supportedValuesOf('currency').flatMap((currency) => [...wordsOf(currency, locale)]));
    known.set(locale, words);
  }
  return words;
}

/** Code and symbols of one currency in a locale. Of what is no code, itself. */
function wordsOf(currency: string, locale: string): ReadonlySet<string> {
  if (!/^[A-Z]{3}$/.test(currency)) return new Set([bareWord(currency)]);
  const symbols = (['symbol', 'narrowSymbol'] as const).map((currencyDisplay) => {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay });
    return format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency;
  });
  return new Set([currency, ...symbols].map(bareWord));
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
