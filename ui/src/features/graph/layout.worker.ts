// Drawings are computed here, so that the window goes on while a large one is made.

import type { Positions } from './card';
import { arrange } from './layout';
import type { Picture } from './scope';

export interface Order {
  ticket: number;
  shown: Picture;
}

export interface Drawing {
  ticket: number;
  positions: Positions;
}

self.onmessage = ({ data: { ticket, shown } }: MessageEvent<Order>) => {
  self.postMessage({ ticket, positions: arrange(shown) } satisfies Drawing);
};
