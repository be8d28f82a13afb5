// Somebody who is being named in a text field: who could be meant, and the keys by which one chooses.

import { mentionAt, namesFor, withName, type Mention, type Named } from './mentions';

export class Naming {
  #mention = $state.raw<Mention | null>(null);
  #at = $state(0);
  /** Where an `@` stands whose list was closed: it stays so. */
  #closed: number | null = null;
  readonly offered: readonly Named[] = $derived.by(() => (this.#mention ? namesFor(this.#mention.typed, this.people()) : []));
  /** Which of those is taken by Enter. */
  readonly active: number = $derived.by(() => Math.min(this.#at, this.offered.length - 1));

  constructor(
    private readonly people: () => readonly Named[],
    private readonly put: (text: string, caret: number) => void,
  ) {}

  /** The text or the caret is another one. */
  look(area: HTMLTextAreaElement): void {
    const mention = area.selectionStart === area.selectionEnd ? mentionAt(area.value, area.selectionStart) : null;
    if (mention?.start !== this.#mention?.start) this.#at = 0;
    if (mention?.start !== this.#closed) this.#closed = null;
    this.#mention = this.#closed === null ? mention : null;
  }

  close(): void {
    this.#closed = this.#mention?.start ?? null;
    this.#mention = null;
  }

  take(text: string, { name }: Named): void {
    if (!this.#mention) return;
    const next = withName(text, this.#mention, name);
    this.close();
    this.put(next.text, next.caret);
  }

  /** Whether the key was about the list. */
  press(event: KeyboardEvent, text: string): boolean {
    const one = this.offered[this.active];
    if (!one || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
    const count = this.offered.length;
    if (event.key === 'ArrowDown') this.#at = (this.active + 1) % count;
    else if (event.key === 'ArrowUp') this.#at = (this.active + count - 1) % count;
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) this.take(text, one);
    else if (event.key === 'Escape') this.close();
    else return false;
    return true;
  }
}
