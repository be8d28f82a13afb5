// The values that were set at once, as one can choose between them.

import type { FieldDetails } from '../../bindings/app';
import type { PersonId, Problem, Timestamp, Value } from '../../bindings/graph';

export interface RaceSide {
  /** Null: empty, or nothing that the field takes. */
  readonly value: Value | null;
  /** What stands there, where the field does not take it. */
  readonly misfit: string | null;
  readonly by: PersonId | null;
  readonly at: Timestamp;
  readonly isShown: boolean;
}

/** What is in force comes first. A value that the field does not take is known only to the problems, and in words. */
export function sidesOf(value: Value | null, changed: FieldDetails, problems: readonly Problem[]): RaceSide[] {
  const told = problems.filter(({ kind, field }) => kind === 'fieldRace' && field === changed.field).flatMap(({ sides }) => sides);
  const shown = told.filter(({ isShown }) => isShown);
  const lost = told.filter(({ isShown }) => !isShown);
  return [
    { value, misfit: value === null ? (shown[0]?.text ?? null) : null, by: changed.by, at: changed.at, isShown: true },
    ...changed.others.map((other, at) => ({ ...other, misfit: other.value === null ? (lost[at]?.text ?? null) : null, isShown: false })),
  ];
}
