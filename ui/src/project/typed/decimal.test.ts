import { describe, expect, it } from 'vitest';
import { editableDecimal, readDecimal, sumDecimals } from './decimal';

function parseDecimal(text: string, locale: string, unit: string | null = null): string | null {
  const reading = readDecimal(text, { locale, unit });
  return 'number' in reading ? reading.number : null;
}

describe('readDecimal', () => {
  it.each([
    ['12', 'en-US', '12'],
    ['12.50', 'en-US', '12.50'],
    ['12,50', 'de-DE', '12.50'],
    ['12,5', 'en-US', '12.5'],
    ['1,234', 'en-US', '1234'],
    ['1,234', 'de-DE', '1.234'],
    ['1.234', 'de-DE', '1234'],
    ['0.234', 'de-DE', '0.234'],
    ['1.234.567,89', 'de-DE', '1234567.89'],
    ['1,234,567.89', 'de-DE', '1234567.89'],
    ['12,34,567', 'en-IN', '1234567'],
    ["1'234.5", 'de-CH', '1234.5'],
    ['$ 1,200', 'en-US', '1200'],
    ['-$5', 'en-US', '-5'],
    ['CHF 7.20', 'de-CH', '7.20'],
    ['1 200 kr', 'sv-SE', '1200'],
    ['\u22123', 'en-US', '-3'],
    ['007', 'en-US', '7'],
    ['-0', 'en-US', '0'],
    ['.5', 'en-US', '0.5'],
    ['99999999999999999999.99', 'en-US', '99999999999999999999.99'],
  ])('reads %s in %s as %s', (text, locale, expected) => {
    expect(parseDecimal(text, locale)).toBe(expected);
  });

  it.each(['', 'abc', '1.2.3,4', '1,2,3', '--5', '5-', '1e5', 'NaN', '.'])('refuses %s', (text) => {
    expect(parseDecimal(text, 'en-US')).toBeNull();
  });

  it.each([
    ['$.5', '0.5'],
    ['$-5', '-5'],
    ['- 5 USD', '-5'],
    ['$5 USD', '5'],
    ['US$ 5', '5'],
    ['chf 5', '5'],
    ['R 5', '5'],
    ['kr. 5', '5'],
    ['1,200.00 kr.', '1200.00'],
  ])('reads %s with its currency', (text, expected) => {
    expect(parseDecimal(text, 'en-US')).toBe(expected);
  });

  it.each([
    ['30 h', 'h', '30'],
    ['30h', 'h', '30'],
    ['-7.5 H', 'h', '-7.5'],
    ['12 %', '%', '12'],
    ['80 km/h', 'km/h', '80'],
    ['3 m\u00b2', 'm\u00b2', '3'],
    ['30', 'h', '30'],
    ['h', 'h', null],
    ['30 hh', 'h', null],
    ['30 min', 'h', null],
    ['30 h', null, null],
  ])('reads %s in a field of %s', (text, unit, expected) => {
    expect(parseDecimal(text, 'en-US', unit)).toBe(expected);
  });

  describe.each(['en-US', 'en-IN', 'de-DE', 'de-CH', 'fr-FR', 'sv-SE', 'da-DK', 'pl-PL', 'cs-CZ', 'pt-BR'])('in %s', (locale) => {
    const digits = ['0', '7', '0.50', '12.25', '999', '1250.50', '1234567.89', '-3', '-1250.50'];
    const formats = ['USD', 'EUR', 'CHF', 'SEK', 'DKK', 'PLN', 'CZK', 'BRL', 'INR'].flatMap((currency) =>
      (['symbol', 'narrowSymbol', 'code'] as const).map((currencyDisplay) =>
        new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay }),
      ),
    );
    const plain = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 });
    const shown = digits.map(Number).flatMap((number) => [plain, ...formats].map((format) => [format.format(number), number] as const));

    it('reads every amount as it is shown', () => {
      expect(shown.map(([text]) => [text, Number(parseDecimal(text, locale))])).toEqual(shown);
    });

    it('refuses every amount with something beside it', () => {
      const rubbish = ['x', 'abc', '%', '#', '/', '*', '(', ')', ':', '=', '?', '5x', 'x5', '\u{1F697}'];
      const spoiled = shown.flatMap(([text]) =>
        rubbish.flatMap((piece) => [text + piece, piece + text, `${text} ${piece}`, `${piece} ${text}`]),
      );
      expect(spoiled.filter((text) => parseDecimal(text, locale) !== null)).toEqual([]);
    });
  });

  it.each([
    ['50 GBP', 'GBP', '50'],
    ['\u00a350', 'GBP', '50'],
    ['50', 'GBP', '50'],
    ['$50', 'GBP', null],
    ['2000 EUR', 'GBP', null],
    ['$50', 'CAD', '50'],
    ['US$50', 'CAD', null],
  ])('reads %s where amounts are in %s', (text, currency, expected) => {
    const reading = readDecimal(text, { locale: 'en-GB', currency });
    expect(reading).toEqual(expected === null ? { refusal: expect.stringContaining(currency) } : { number: expected });
  });

  it.each([
    ['1234567890123456789012345678', true],
    ['12345678901234567890123456789', false],
    ['0.1234567890123456789012345678', true],
    ['0.12345678901234567890123456789', false],
    ['99999999999999999999999999999999.5', false],
    ['00000000000000000000000000000007', true],
  ])('keeps %s: %s', (text, isKept) => {
    const reading = readDecimal(text, { locale: 'en-US' });
    expect('number' in reading).toBe(isKept);
    if (!isKept) expect(reading).toEqual({ refusal: expect.stringContaining('28') });
  });

  it.each(['1250,5x', '5k', '5K', '12 h', '3 of 4', '5 $ 6', '$-$5', '-$-5', '+-5', '$$5', '5 apples'])('refuses %s', (text) => {
    expect(parseDecimal(text, 'de-DE')).toBeNull();
  });
});

it("edits with the locale's mark", () => {
  expect(editableDecimal('12.5', 'de-DE')).toBe('12,5');
});

it('sums exactly', () => {
  expect(sumDecimals(['0.1', '0.2', '-4', '10.25'])).toBe('6.55');
  expect(sumDecimals(['-0.5', '0.25'])).toBe('-0.25');
  expect(sumDecimals([])).toBe('0');
});
