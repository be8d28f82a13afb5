// What takes long, as far as this window was told.

import type { Event, TaskId } from '../bindings/app';

export interface Underway {
  readonly task: TaskId;
  readonly label: string;
  /** From 0 to 1; null: nobody knows how much there is to do. */
  readonly part: number | null;
  readonly canCancel: boolean;
}

type Told = Extract<Event, { kind: 'progress' | 'ended' }>;

/** The list after an event; what began first stands first. */
export function follow(list: readonly Underway[], event: Told): readonly Underway[] {
  const others = list.filter(({ task }) => task !== event.task);
  if (event.kind === 'ended') return others;
  const { task, label, done, total, canCancel } = event;
  const part = total > 0 ? Math.min(done / total, 1) : null;
  return [...others, { task, label, part, canCancel }].sort((a, b) => a.task - b.task);
}
