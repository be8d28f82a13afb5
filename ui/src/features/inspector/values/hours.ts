// Hours by person and day, as a grid of one week edits them.

import { Temporal } from 'temporal-polyfill';
import type { NodeId } from '../../../bindings/graph';
import { sumDecimals } from '../../../project/typed/decimal';

export type Hours = Record<NodeId, Record<string, string>>;

/** The week around a date, as ISO dates. */
export function weekOf(date: Temporal.PlainDate, firstWeekday: number): Temporal.PlainDate[] {
  const start = date.subtract({ days: (date.dayOfWeek - firstWeekday + 7) % 7 });
  return Array.from({ length: 7 }, (_, day) => start.add({ days: day }));
}

/** The hours with one cell set or (null) emptied; people without hours stay out. */
export function withCell(hours: Hours, person: NodeId, day: string, amount: string | null): Hours {
  const { [day]: _before, ...rest } = hours[person] ?? {};
  const days = amount === null ? rest : { ...rest, [day]: amount };
  const { [person]: _person, ...others } = hours;
  return Object.keys(days).length === 0 ? others : { ...others, [person]: days };
}

/** Sum of a person's hours, or of everybody's. */
export function totalHours(hours: Hours, person?: NodeId): string {
  const people = person === undefined ? Object.values(hours) : [hours[person] ?? {}];
  return sumDecimals(people.flatMap((days) => Object.values(days)));
}

/** The day the grid begins with: the first that has hours, else `otherwise`. */
export function firstDay(hours: Hours, otherwise: Temporal.PlainDate): Temporal.PlainDate {
  const days = Object.values(hours).flatMap((person) => Object.keys(person));
  const [first] = days.sort();
  return first === undefined ? otherwise : Temporal.PlainDate.from(first);
}
