// A problem's words come with values as they are kept. In the window they are said as everywhere else in it.

import type { Field, Fix, Problem, Side, Value } from '../bindings/graph';
import { showValue, type Reader } from './values';

/** A problem with the values that two people set at once as they are shown in the field. */
export function asShown(problem: Problem, field: Field | undefined, reader: Reader): Problem {
  if (problem.kind !== 'fieldRace' || !field) return problem;
  const values = problem.sides.map((_, at) => valueSet(problem.fixes[at]));
  // What does not fit the field cannot be set, and then it is not known which fix is for which side.
  if (!values.every((value) => value !== null)) return problem;
  const sides = problem.sides.map((side, at) => ({ ...side, text: asQuoted(field, values[at], reader) ?? side.text }));
  const all = (of: readonly Side[]) => of.map(({ text }) => text).join(' and ');
  // By functions, because an amount may begin with a dollar sign, which has a meaning in a replacing text.
  return {
    ...problem,
    sides,
    message: problem.message.replace(all(problem.sides), () => all(sides)),
    fixes: problem.fixes.map((fix, at) => ({
      ...fix,
      label: fix.label.replace(problem.sides[at]?.text ?? '', () => sides[at]?.text ?? ''),
    })),
  };
}

const valueSet = (fix: Fix | undefined): Value | null => (fix?.command.kind === 'setField' ? fix.command.value : null);

/** Texts are told as they are, options and files by name already. */
function asQuoted(field: Field, value: Value | undefined, reader: Reader): string | null {
  const isFormatted = value && ('number' in value || 'date' in value || 'flag' in value);
  return isFormatted ? `“${showValue(field, value, reader)}”` : null;
}
