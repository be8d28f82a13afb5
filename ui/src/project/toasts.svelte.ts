// One short message at a time, for what is not visible anyway.

import type { Failure } from '../bindings/app';
import { isFailure } from '../host/answer';

export interface Toast {
  readonly key: number;
  readonly kind: 'done' | 'note' | 'failed';
  readonly text: string;
  /** Further lines, for example what undo left alone. */
  readonly details: readonly string[];
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

class Toasts {
  #current = $state.raw<Toast | null>(null);
  #made = 0;

  get current(): Toast | null {
    return this.#current;
  }

  show(text: string, rest: Partial<Omit<Toast, 'key' | 'text'>> = {}): void {
    this.#current = { kind: 'done', details: [], action: null, ...rest, text, key: ++this.#made };
  }

  /** Says what went wrong and what one can do. */
  fail(thrown: unknown): void {
    const failure: Failure = isFailure(thrown)
      ? thrown
      : { code: 'WINDOW_FAILED', message: 'Something went wrong in this window.', detail: String(thrown) };
    if (failure.code === 'CANCELLED') return this.show('Cancelled.', { kind: 'note' });
    const details = failure.detail === null ? [] : [failure.detail];
    this.show(failure.message, { kind: 'failed', details });
  }

  dismiss(key?: number): void {
    if (key === undefined || this.#current?.key === key) this.#current = null;
  }
}

export const toasts = new Toasts();
