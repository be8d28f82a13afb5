// Comments as conversations: a first comment and its answers.

import type { Comment } from '../../bindings/app';

export interface CommentThread {
  first: Comment;
  replies: Comment[];
}

/** Threads in the order of their first comments. An answer whose thread is gone stands by itself. */
export function threads(comments: readonly Comment[]): CommentThread[] {
  const known = new Set(comments.map(({ id }) => id));
  const found = new Map<string, CommentThread>();
  for (const comment of comments) {
    if (comment.replyTo === null || !known.has(comment.replyTo)) {
      found.set(comment.id, { first: comment, replies: [] });
    }
  }
  for (const comment of comments) {
    if (comment.replyTo !== null) found.get(comment.replyTo)?.replies.push(comment);
  }
  const inTime = (a: Comment, b: Comment): number => a.at - b.at;
  return [...found.values()]
    .map(({ first, replies }) => ({ first, replies: replies.sort(inTime) }))
    .sort((a, b) => inTime(a.first, b.first));
}
