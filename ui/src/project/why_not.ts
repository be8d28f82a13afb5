// What somebody may not do in a project, and why. Pure. The application says the same at its own door; here it is said before
// somebody has tried.

import type { Failure, MemberRole, Members } from '../bindings/app';

/** What something needs: to write comments, to write everything, to say who may. */
export type Right = 'comment' | 'write' | 'own';

const RANK: readonly MemberRole[] = ['viewer', 'commenter', 'editor', 'owner'];
const LEAST: Readonly<Record<Right, MemberRole>> = { comment: 'commenter', write: 'editor', own: 'owner' };

const NOT_IN =
  'This computer is not a member of the project, so others would not get the change. Duplicate the project to go on by yourself, or ask an owner to let it in.';
const WAITING = 'Nobody who is in the project was reached yet. This works once this computer is let in.';

/**
 * Null: it may be done. Of a project that is not shared, or in the open way of earlier versions, everybody may everything.
 * `needsUpdate`: why this version may not, whoever asks; it does not keep anybody from saying who may.
 */
export function whyNot(right: Right, members: Members | null, needsUpdate: Failure | null = null): string | null {
  if (needsUpdate && right !== 'own') return needsUpdate.message;
  if (members === null) return null;
  if (members.isOpen) return right === 'own' ? 'In a project that is shared openly nobody has a role.' : null;
  const { role } = members;
  if (role === null) return members.isWaiting ? WAITING : NOT_IN;
  if (RANK.indexOf(role) >= RANK.indexOf(LEAST[right])) return null;
  if (right === 'own') return 'Only an owner of the project may do this. Ask one of them.';
  return role === 'commenter'
    ? 'You may read this project and write comments. Ask an owner if you are to change it.'
    : 'You may read this project. Ask an owner if you are to change it.';
}
