// Problems by kind, in words.

import type { Problem, ProblemKind } from '../../bindings/graph';

export interface KindWords {
  title: string;
  /** Why it happens and what it means. */
  hint: string;
  icon: string;
}

/** In the order of urgency. */
export const KINDS: Readonly<Record<ProblemKind, KindWords>> = {
  fieldRace: {
    title: 'Changed by two people at once',
    hint: 'One value was kept, the other one is here.',
    icon: 'split',
  },
  moveRace: {
    title: 'Moved by two people at once',
    hint: 'One place was kept.',
    icon: 'move',
  },
  moveCycle: {
    title: 'Moved into each other',
    hint: 'Two moves together made a circle; the older one was undone.',
    icon: 'refresh-ccw',
  },
  editedAfterDelete: {
    title: 'Edited while it was being deleted',
    hint: 'The edit is kept in the trash.',
    icon: 'trash-2',
  },
  parentDeleted: {
    title: 'Left over from a deleted parent',
    hint: 'Somebody deleted the parent while somebody else worked beneath it.',
    icon: 'folder-x',
  },
  blockingCycle: {
    title: 'Blocking in a circle',
    hint: 'None of these can begin. Remove one of the links.',
    icon: 'refresh-cw-off',
  },
  typeNotAllowed: {
    title: 'Not allowed here',
    hint: 'The template does not allow this type under its parent.',
    icon: 'ban',
  },
  requiredMissing: {
    title: 'Required value missing',
    hint: 'The template asks for a value.',
    icon: 'asterisk',
  },
  deadReference: {
    title: 'Refers to a deleted item',
    hint: 'The reference is kept in case the item is restored.',
    icon: 'unlink',
  },
  unmapped: {
    title: 'Values without a field',
    hint: 'The template has changed. Nothing is lost; the value returns with its field.',
    icon: 'circle-question-mark',
  },
  recordRemoved: {
    title: 'Removed by another program',
    hint: 'It is kept here and goes on working.',
    icon: 'file-x',
  },
};

export interface ProblemGroup {
  kind: ProblemKind;
  problems: Problem[];
}

/** Problems by kind, the urgent kinds first. */
export function problemGroups(problems: readonly Problem[]): ProblemGroup[] {
  return (Object.keys(KINDS) as ProblemKind[]).flatMap((kind) => {
    const found = problems.filter((problem) => problem.kind === kind);
    return found.length > 0 ? [{ kind, problems: found }] : [];
  });
}

/** Stays the same for the same problem, so that the list keeps its place. */
export function problemKey({ kind, node, field, link, others }: Problem): string {
  return [kind, node, field, link, ...others].join(' ');
}
