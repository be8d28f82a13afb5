// One short message at a time, for what is not visible anyway.

import type { Failure } from '../bindings/app';
import { isFailure } from '../host/answer';
import { nameOfFile } from './files';

export interface Toast {
  readonly key: number;
  readonly kind: 'done' | 'note' | 'failed';
  readonly text: string;
  /** The stable code of what failed. */
  readonly code: string | null;
  /** Further lines, for example what undo left alone. */
  readonly details: readonly string[];
  /** Until it is dismissed, and not for a few seconds. */
  readonly stays: boolean;
  /** It offers the way back from a step, and is of no use after the next one. */
  readonly ofStep: boolean;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

class Toasts {
  #current = $state.raw<Toast | null>(null);
  #made = 0;

  get current(): Toast | null {
    return this.#current;
  }

  show(text: string, rest: Partial<Omit<Toast, 'key' | 'text'>> = {}): void {
    const usual = { kind: 'done', code: null, details: [], stays: false, ofStep: false, action: null } as const;
    this.#current = { ...usual, ...rest, text, key: ++this.#made };
  }

  /** Says what went wrong with a file, until it is dismissed: whoever chose it may be looking elsewhere. */
  failFile(path: string, thrown: unknown): void {
    this.fail(thrown, { about: `“${nameOfFile(path)}”`, stays: true });
  }

  /** Says what went wrong, with what, and what one can do. */
  fail(thrown: unknown, { about, stays }: { about?: string; stays?: boolean } = {}): void {
    const failure: Failure = isFailure(thrown)
      ? thrown
      : { code: 'WINDOW_FAILED', message: 'Something went wrong in this window.', detail: String(thrown) };
    if (failure.code === 'CANCELLED') return this.show('Cancelled.', { kind: 'note' });
    const details = failure.detail === null ? [] : [failure.detail];
    const text = about === undefined ? failure.message : `${about}: ${failure.message}`;
    this.show(text, { kind: 'failed', code: failure.code, details, stays: stays ?? false });
  }

  /** Another step was taken: the one before is no longer the next to undo or redo. */
  stepped(): void {
    if (this.#current?.ofStep) this.#current = null;
  }

  dismiss(key?: number): void {
    if (key === undefined || this.#current?.key === key) this.#current = null;
  }
}

export const toasts = new Toasts();
