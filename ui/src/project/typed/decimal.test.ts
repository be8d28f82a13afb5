import { describe, expect, it } from 'vitest';
import { editableDecimal, parseDecimal, sumDecimals } from './decimal';

describe('parseDecimal', () => {
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
});

it("edits with the locale's mark", () => {
  expect(editableDecimal('12.5', 'de-DE')).toBe('12,5');
});

it('sums exactly', () => {
  expect(sumDecimals(['0.1', '0.2', '-4', '10.25'])).toBe('6.55');
  expect(sumDecimals(['-0.5', '0.25'])).toBe('-0.25');
  expect(sumDecimals([])).toBe('0');
});
