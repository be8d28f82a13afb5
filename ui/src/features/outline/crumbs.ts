// How much of a path is shown: where one is, what is right above it, and the rest as one step.

import type { NodeId } from '../../bindings/graph';

export interface Crumbs {
  /** Steps that are folded into one; none: everything is shown. */
  readonly folded: readonly NodeId[];
  readonly shown: readonly NodeId[];
}

const MOST = 3;

export function crumbs(path: readonly NodeId[]): Crumbs {
  if (path.length <= MOST) return { folded: [], shown: path };
  const end = path.length - MOST + 1;
  return { folded: path.slice(0, end), shown: path.slice(end) };
}
