// Values as people read them, in the language of the system. Nothing here parses or rounds what is stored.

import { Temporal } from 'temporal-polyfill';

import type { Field, NodeId, Value } from '../bindings/graph';
import { counted } from './counted';
import { locale } from './locale';

/** What showing a value may need to know. */
export interface Reader {
  title(id: NodeId): string;
  option(id: string): { label: string } | undefined;
  currency: string;
}

const names = new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' });
const thisYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const anyYear = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
// A year is a number too: with four digits there is nothing that grouping makes clearer.
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 20, useGrouping: 'min2' });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** The text of a text, prose or url value; of others what they hold. */
export function plainText(value: Value): string {
  if ('text' in value) return value.text;
  if ('prose' in value) return value.prose;
  if ('url' in value) return value.url;
  if ('number' in value) return value.number;
  if ('date' in value) return value.date;
  return '';
}

/** A plain date for a formatter in UTC. `Date.UTC` would take the year 50 for 1950. */
export const midnight = (date: Temporal.PlainDate): number => date.toZonedDateTime('UTC').epochMilliseconds;

/** `12 Mar`, with the year when it is not this one. */
export function showDate(iso: string): string {
  const date = Temporal.PlainDate.from(iso);
  const format = date.year === Temporal.Now.plainDateISO().year ? thisYear : anyYear;
  return format.format(midnight(date));
}

/** Exact: the digits go to the formatter as text, never through a binary fraction. */
export function showNumber(digits: string, unit: string | null = null): string {
  const text = decimal.format(digits as Intl.StringNumericLiteral);
  return unit ? `${text} ${unit}` : text;
}

const money = new Map<string, Intl.NumberFormat>();

export function showMoney(digits: string, currency: string): string {
  let format = money.get(currency);
  if (!format) {
    const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
    format = /^[A-Z]{3}$/.test(currency) ? new Intl.NumberFormat(locale, style) : decimal;
    money.set(currency, format);
  }
  return format.format(digits as Intl.StringNumericLiteral);
}

/** `12:04:31` */
export const showClock = (at: number): string => clock.format(at);

/** `12 Mar 2026, 12:04` */
export const showMoment = (at: number): string => moment.format(at);

/** A value in one line. */
export function showValue(field: Field, value: Value | undefined, reader: Reader): string {
  if (value === undefined) return '';
  if ('number' in value) {
    return field.kind === 'currency' ? showMoney(value.number, reader.currency) : showNumber(value.number, field.unit);
  }
  if ('flag' in value) return value.flag ? 'Yes' : 'No';
  if ('date' in value) return showDate(value.date);
  if ('option' in value) return reader.option(value.option)?.label ?? 'Unknown option';
  if ('options' in value) return names.format(value.options.map((id) => reader.option(id)?.label ?? 'Unknown option'));
  if ('nodes' in value) return names.format(value.nodes.map((id) => reader.title(id)));
  if ('files' in value) return names.format(Object.values(value.files).map((file) => file?.name ?? ''));
  if ('hours' in value) return counted(Object.keys(value.hours).length, 'person', 'people');
  return plainText(value);
}
