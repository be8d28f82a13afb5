import { expect, it } from 'vitest';
import type { Problem, ProblemKind } from '../../bindings/graph';
import { problemGroups, problemKey } from './kinds';

function problem(kind: ProblemKind, node: string, others: string[] = []): Problem {
  return { kind, node, field: null, link: null, others, sides: [], message: '', fixes: [] };
}

it('groups by kind, races before chores', () => {
  const groups = problemGroups([
    problem('requiredMissing', 'a'),
    problem('fieldRace', 'b'),
    problem('requiredMissing', 'c'),
  ]);
  expect(groups.map(({ kind, problems }) => [kind, problems.map(({ node }) => node)])).toEqual([
    ['fieldRace', ['b']],
    ['requiredMissing', ['a', 'c']],
  ]);
  expect(problemGroups([])).toEqual([]);
});

it('tells problems apart', () => {
  expect(problemKey(problem('moveCycle', 'a', ['b']))).not.toBe(
    problemKey(problem('moveCycle', 'a')),
  );
});
