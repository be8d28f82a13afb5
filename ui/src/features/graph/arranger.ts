// Asks the worker for drawings; only the answer to the last question counts.

import type { Drawing, Order } from './layout.worker';
import type { Positions } from './card';
import LayoutWorker from './layout.worker?worker';
import type { Picture } from './scope';

export class Arranger {
  #worker = new LayoutWorker();
  #ticket = 0;

  constructor(drawn: (positions: Positions) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<Drawing>) => {
      if (data.ticket === this.#ticket) drawn(data.positions);
    };
  }

  ask(shown: Picture): void {
    // Links carry more than a drawing needs.
    const edges = shown.edges.map((edge) => ({ ...edge, links: [] }));
    const plain = { ...shown, edges };
    this.#worker.postMessage({ ticket: ++this.#ticket, shown: plain } satisfies Order);
  }

  close(): void {
    this.#worker.terminate();
  }
}
