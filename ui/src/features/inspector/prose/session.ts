// One editor's conversation with one long text of the project.
//
// It knows the last text that the application told (`base`) and what has been typed since, as one
// change set. What is typed leaves as one burst of splices; what others wrote is read again and
// reaches the editor as the smallest patch, carried over what is still unsent. At most one exchange
// is under way; nothing typed meanwhile is lost, also when a burst is refused.

import { ChangeSet, Text } from '@codemirror/state';
import type { Failure } from '../../../bindings/app';
import type { Splice } from '../../../bindings/graph';
import { difference } from './difference';

export interface ProsePort {
  read(): Promise<{ text: string; base: string }>;
  write(base: string, splices: Splice[]): Promise<void>;
  /** Bring what others wrote into the editor. */
  patch(changes: ChangeSet): void;
  /** The last exchange failed, or (null) went well again. */
  report(failure: Failure | null): void;
}

export class ProseSession {
  readonly #port: ProsePort;
  #told: string;
  #base: string;
  #unsent: ChangeSet;
  #stale = false;
  #exchange: Promise<void> | null = null;

  constructor(port: ProsePort, start: { text: string; base: string }) {
    this.#port = port;
    this.#told = start.text;
    this.#base = start.base;
    this.#unsent = ChangeSet.empty(start.text.length);
  }

  /** Whether something typed has not been accepted yet. */
  get dirty(): boolean {
    return !this.#unsent.empty;
  }

  /** The person typed this. */
  typed(changes: ChangeSet): void {
    this.#unsent = this.#unsent.compose(changes);
  }

  /** Send what was typed. Resolves when nothing is under way. */
  flush(): Promise<void> {
    return this.#run();
  }

  /** Somebody changed the text, possibly this editor. */
  changed(): Promise<void> {
    this.#stale = true;
    return this.#run();
  }

  #run(): Promise<void> {
    this.#exchange ??= this.#work().finally(() => (this.#exchange = null));
    return this.#exchange;
  }

  async #work(): Promise<void> {
    try {
      while (this.dirty || this.#stale) {
        if (this.dirty) await this.#send();
        await this.#read();
      }
      this.#port.report(null);
    } catch (thrown) {
      this.#port.report(thrown as Failure);
    }
  }

  async #send(): Promise<void> {
    const sent = this.#unsent;
    this.#unsent = ChangeSet.empty(sent.newLength);
    try {
      await this.#port.write(this.#base, splices(sent));
      this.#told = applied(sent, this.#told);
    } catch (thrown) {
      this.#unsent = sent.compose(this.#unsent);
      throw thrown;
    }
  }

  async #read(): Promise<void> {
    this.#stale = false;
    const { text, base } = await this.#port.read();
    const ranges = difference(this.#told, text);
    const theirs = ChangeSet.of(ranges, this.#told.length);
    const patch = theirs.map(this.#unsent, true);
    this.#unsent = this.#unsent.map(theirs);
    this.#told = text;
    this.#base = base;
    if (!patch.empty) this.#port.patch(patch);
  }
}

function applied(changes: ChangeSet, text: string): string {
  return changes.apply(Text.of(text.split('\n'))).toString();
}

/** Ranges of the text before, ascending and disjoint. */
export function splices(changes: ChangeSet): Splice[] {
  const found: Splice[] = [];
  changes.iterChanges((from, to, _fromAfter, _toAfter, inserted) => {
    found.push({ at: from, delete: to - from, insert: inserted.toString() });
  });
  return found;
}
