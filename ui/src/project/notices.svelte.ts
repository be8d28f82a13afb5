// What concerns the person here, of the open project.

import type { NoticeGroup, ProjectId } from '../bindings/app';
import { host } from '../host';
import { toasts } from './toasts.svelte';

export class Notices {
  #entries = $state.raw<readonly NoticeGroup[]>([]);
  #heard = 0;
  #listeners = new Set<(fresh: readonly NoticeGroup[]) => void>();

  constructor(readonly project: ProjectId) {}

  /** Newest first. */
  get entries(): readonly NoticeGroup[] {
    return this.#entries;
  }

  readonly unread: number = $derived(this.#entries.filter(({ isRead }) => !isRead).length);

  /** Asks for the list. What is heard meanwhile is newer than the answer. */
  async begin(): Promise<void> {
    const heard = this.#heard;
    try {
      const { entries } = await host.call({ kind: 'readNotices', project: this.project });
      if (heard === this.#heard) this.#entries = entries;
    } catch {
      // Events will tell.
    }
  }

  absorb(entries: readonly NoticeGroup[], fresh: readonly number[]): void {
    this.#heard++;
    this.#entries = entries;
    const told = entries.filter(({ id }) => fresh.includes(id));
    if (told.length > 0) this.#listeners.forEach((listener) => listener(told));
  }

  /** Hears of what is new, newest first. */
  onFresh(listener: (fresh: readonly NoticeGroup[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Notes that entries were seen; null: all. The event that follows shows it. */
  mark(entries: number[] | null): void {
    host.call({ kind: 'markNotices', project: this.project, entries }).catch((thrown) => toasts.fail(thrown));
  }
}
