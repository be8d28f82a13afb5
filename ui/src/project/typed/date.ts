// Plain dates as people type and read them. There is no time and no time zone in here; the only
// moment that matters is `today`, and it is an argument.

import { Temporal } from 'temporal-polyfill';

export interface DateContext {
  today: Temporal.PlainDate;
  locale: string;
}

/**
 * The date that typed text means, or null. Understands ISO dates, `today`, `tomorrow`, `yesterday`,
 * `+3d`, `-2w`, `+1m`, `+1y`, weekday names (the next one), `12 mar`, `mar 12 2027`, `12.3.`, `12/3`
 * in the locale's order, and a lone day of the month. Without a year the nearest date is meant that
 * is not more than half a year ago.
 */
export function parseDate(text: string, context: DateContext): Temporal.PlainDate | null {
  const typed = fold(text, context.locale);
  if (!typed) return null;
  return (
    iso(typed) ??
    word(typed, context) ??
    offset(typed, context.today) ??
    weekday(typed, context) ??
    named(typed, context) ??
    numeric(typed, context)
  );
}

function fold(text: string, locale: string): string {
  return text.normalize('NFKC').trim().toLocaleLowerCase(locale).replace(/\s+/g, ' ');
}

function make(year: number, month: number, day: number): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' });
  } catch {
    return null;
  }
}

function iso(typed: string): Temporal.PlainDate | null {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed);
  return match ? make(Number(match[1]), Number(match[2]), Number(match[3])) : null;
}

function word(typed: string, { today, locale }: DateContext): Temporal.PlainDate | null {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [days, english] of [
    [0, 'today'],
    [1, 'tomorrow'],
    [-1, 'yesterday'],
  ] as const) {
    if (typed === english || typed === fold(relative.format(days, 'day'), locale))
      return today.add({ days });
  }
  if (typed === 'eom' || typed === 'end of month') return today.with({ day: today.daysInMonth });
  if (typed === 'next week') return today.add({ weeks: 1 });
  if (typed === 'next month') return today.add({ months: 1 });
  return null;
}

function offset(typed: string, today: Temporal.PlainDate): Temporal.PlainDate | null {
  const match =
    /^(?:in )?([+-]?) ?(\d{1,4}) ?(d|day|days|w|week|weeks|m|month|months|y|year|years)$/.exec(
      typed,
    );
  if (!match) return null;
  const amount = Number(match[2]) * (match[1] === '-' ? -1 : 1);
  const unit =
    { d: 'days', w: 'weeks', m: 'months', y: 'years' }[(match[3] ?? 'd').charAt(0)] ?? 'days';
  try {
    return today.add({ [unit]: amount });
  } catch {
    return null;
  }
}

/** Names of months or weekdays in a locale and in English, folded, without a closing full stop. */
function names(locale: string, part: 'month' | 'weekday'): string[][] {
  const count = part === 'month' ? 12 : 7;
  return Array.from({ length: count }, (_, index) => {
    // 5 January 1970 was a Monday.
    const date = part === 'month' ? Date.UTC(1970, index, 15) : Date.UTC(1970, 0, 5 + index);
    return [locale, 'en'].flatMap((language) =>
      (['long', 'short'] as const).map((width) => {
        const format = new Intl.DateTimeFormat(language, { timeZone: 'UTC', [part]: width });
        const found = format.formatToParts(date).find((piece) => piece.type === part)?.value ?? '';
        return fold(found, language).replace(/\.$/, '');
      }),
    );
  });
}

/** Index of the name that `typed` spells or begins (three letters at least). */
function nameIndex(typed: string, lists: string[][]): number | null {
  const bare = typed.replace(/\.$/, '');
  if (!/\p{L}{2}/u.test(bare)) return null;
  const exact = lists.findIndex((list) => list.includes(bare));
  if (exact >= 0) return exact;
  if (bare.length < 3) return null;
  const begun = lists.findIndex((list) => list.some((name) => name.startsWith(bare)));
  return begun >= 0 ? begun : null;
}

function weekday(typed: string, { today, locale }: DateContext): Temporal.PlainDate | null {
  const index = nameIndex(typed.replace(/^next /, ''), names(locale, 'weekday'));
  if (index === null) return null;
  const ahead = (index + 1 - today.dayOfWeek + 7) % 7 || 7;
  return today.add({ days: ahead });
}

function named(typed: string, { today, locale }: DateContext): Temporal.PlainDate | null {
  const pieces = typed
    .replace(/[,/-]/g, ' ')
    .split(' ')
    .filter(Boolean)
    .filter((piece) => piece !== 'de');
  const lists = names(locale, 'month');
  const at = pieces.findIndex((piece) => nameIndex(piece, lists) !== null);
  const month = at < 0 ? null : nameIndex(pieces[at] ?? '', lists);
  const rest = pieces
    .filter((_, index) => index !== at)
    .map((piece) => piece.replace(/(\.|st|nd|rd|th)$/, ''));
  if (month === null || rest.length > 2 || !rest.every((piece) => /^\d{1,4}$/.test(piece)))
    return null;
  const year =
    rest.find((piece) => piece.length === 4) ?? (rest.length === 2 ? rest[1] : undefined);
  const day = rest.find((piece) => piece !== year || piece.length < 3);
  return settle(year, month + 1, day === undefined ? 1 : Number(day), today);
}

function numeric(typed: string, { today, locale }: DateContext): Temporal.PlainDate | null {
  const match = /^(\d{1,4})(?:([./ -])(\d{1,2}))?(?:\2(\d{1,4}))?\.?$/.exec(typed);
  if (!match) return null;
  const [, first = '', mark, second, third] = match;
  if (second === undefined) return first.length > 2 ? null : lone(Number(first), today);
  if (first.length === 4)
    return third === undefined ? null : make(Number(first), Number(second), Number(third));
  const dayFirst = mark === '.' || order(locale).startsWith('d');
  const [day, month] = dayFirst ? [Number(first), Number(second)] : [Number(second), Number(first)];
  return settle(third, month, day, today) ?? settle(third, day, month, today);
}

function order(locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, {
    dateStyle: 'short',
    timeZone: 'UTC',
  }).formatToParts(0);
  return parts
    .filter((part) => part.type === 'day' || part.type === 'month')
    .map((part) => part.type[0])
    .join('');
}

function settle(
  year: string | undefined,
  month: number,
  day: number,
  today: Temporal.PlainDate,
): Temporal.PlainDate | null {
  if (year !== undefined)
    return make(year.length <= 2 ? 2000 + Number(year) : Number(year), month, day);
  const halfYearAgo = today.subtract({ months: 6 });
  const near = make(today.year, month, day) ?? make(today.year + 1, month, day);
  if (near === null) return null;
  if (Temporal.PlainDate.compare(near, halfYearAgo) < 0) return make(today.year + 1, month, day);
  if (Temporal.PlainDate.compare(near, today.add({ months: 6 })) <= 0) return near;
  const before = make(today.year - 1, month, day);
  return before && Temporal.PlainDate.compare(before, halfYearAgo) >= 0 ? before : near;
}

/** This month's day of that number, or next month's once it is past. */
function lone(day: number, today: Temporal.PlainDate): Temporal.PlainDate | null {
  const month = day < today.day ? today.add({ months: 1 }) : today;
  return make(month.year, month.month, day);
}

/** The date that an ISO text states, or null. */
export function isoDate(value: string): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from(value);
  } catch {
    return null;
  }
}
