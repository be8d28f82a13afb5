// The envelope around every reply, the same for all hosts.

import type { Failure, Reply } from '../bindings/app';

type Answer = { ok: Reply } | { failed: Failure };

/** Unwraps an answer, or throws its failure. */
export function unwrap(json: string): Reply {
  const answer = JSON.parse(json) as Answer;
  if ('ok' in answer) return answer.ok;
  throw answer.failed;
}

/** A failure of the host itself, in the one shape in which failures reach the window. */
export function hostFailure(code: string, message: string, cause: unknown): Failure {
  return { code, message, detail: cause === undefined ? null : String(cause) };
}

/** The failure when the application does not answer at all. */
export function unreachable(cause: unknown): Failure {
  return hostFailure('HOST_UNREACHABLE', 'Talus Tally does not answer. It may have been ended.', cause);
}

/** Whether something thrown is a failure that can be shown as it is. */
export function isFailure(thrown: unknown): thrown is Failure {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown;
}
