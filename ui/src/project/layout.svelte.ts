// What a window wants to find again: panes, columns, fold state. Kept by the application, per project.

import type { ProjectId } from '../bindings/app';
import { host } from '../host';

const SAVE_AFTER_MS = 400;

export class Layout {
  #entries = $state.raw<Record<string, unknown>>({});
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly project: ProjectId | null) {}

  async load(): Promise<void> {
    const { layout } = await host.call({ kind: 'readLayout', project: this.project });
    if (layout === null) return;
    try {
      this.#entries = JSON.parse(layout) as Record<string, unknown>;
    } catch {
      // Somebody else's bytes: start from the defaults.
    }
  }

  /** What was remembered under a name, or the default. */
  get<T>(name: string, otherwise: T): T {
    return (this.#entries[name] as T | undefined) ?? otherwise;
  }

  put(name: string, value: unknown): void {
    this.#entries = { ...this.#entries, [name]: value };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), SAVE_AFTER_MS);
  }

  /** Sends what is waiting to be remembered. */
  async flush(): Promise<void> {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const layout = JSON.stringify(this.#entries);
    await host.call({ kind: 'putLayout', project: this.project, layout }).catch(() => {
      // Losing the width of a column must not disturb anybody.
    });
  }
}
