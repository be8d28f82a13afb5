// Which attachments of the open project are not on this machine, as far as the window has heard.

import type { Attachment, ProjectId } from '../bindings/app';
import type { BlobId } from '../bindings/graph';
import { host } from '../host';

export class Attachments {
  #elsewhere = $state.raw<ReadonlyMap<BlobId, Attachment>>(new Map());
  /** Counts what was heard, so that an answer never replaces what is newer. */
  #heard = 0;

  constructor(readonly project: ProjectId) {}

  /** How an attachment stands that is not here; null: it is, as far as is known. */
  elsewhere(blob: BlobId): Attachment | null {
    return this.#elsewhere.get(blob) ?? null;
  }

  /** Asks for all; events follow. */
  async begin(): Promise<void> {
    const heard = this.#heard;
    const asked = await host.call({ kind: 'listAttachments', project: this.project }).catch(() => null);
    if (asked && heard === this.#heard) {
      this.#elsewhere = new Map(asked.attachments.map((one) => [one.blob, one]));
    } else if (asked) {
      const known = new Map(asked.attachments.map((one) => [one.blob, one]));
      this.#elsewhere = new Map([...known, ...this.#elsewhere]);
    }
  }

  absorb(attachments: readonly Attachment[]): void {
    this.#heard++;
    const elsewhere = new Map(this.#elsewhere);
    for (const one of attachments) {
      if (one.stage.kind === 'here') elsewhere.delete(one.blob);
      else elsewhere.set(one.blob, one);
    }
    this.#elsewhere = elsewhere;
  }

  /** Fetches one that failed or was stopped. Rejects with a `Failure`. */
  async fetch(blob: BlobId): Promise<void> {
    await host.call({ kind: 'fetchAttachment', project: this.project, blob });
  }

  /** Gives up fetching one. Rejects with a `Failure`. */
  async stop(blob: BlobId): Promise<void> {
    await host.call({ kind: 'stopAttachment', project: this.project, blob });
  }
}
