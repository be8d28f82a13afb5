// The first look at a drawing.

import { CARD, type Point, type Positions } from './card';

/** Below this zoom titles cannot be read. */
const READABLE = 0.5;
/** The zoom of a part, where the whole would be too small. */
const NEAR = 0.8;
/** Between the drawing and the edges of the canvas, in pixels; the legend stands at the bottom. */
const ROOM = { side: 24, top: 24, bottom: 64 };

/** What the canvas library calls a viewport, and whether all of the drawing is in it. */
export interface Look {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly isWhole: boolean;
}

/**
 * All of a drawing where it can be read so, else the surroundings of a card, with no more beside the drawing than there
 * must be. `size`: of the canvas in pixels.
 */
export function firstLook(positions: Positions, card: string | undefined, size: { width: number; height: number }): Look {
  const places = Object.values(positions);
  const at = (card === undefined ? undefined : positions[card]) ?? places[0] ?? { x: 0, y: 0 };
  const across = span(places, at, 'x', CARD.width);
  const down = span(places, at, 'y', CARD.height);
  const width = size.width - 2 * ROOM.side;
  const height = size.height - ROOM.top - ROOM.bottom;
  const whole = Math.min(1, width / (across.high - across.low), height / (down.high - down.low));
  const isWhole = whole >= READABLE;
  const zoom = isWhole ? whole : NEAR;
  return {
    x: ROOM.side + shift(across, width, zoom),
    y: ROOM.top + shift(down, height, zoom),
    zoom,
    isWhole,
  };
}

interface Span {
  readonly low: number;
  readonly high: number;
  /** The middle of the card. */
  readonly card: number;
}

function span(places: readonly Point[], at: Point, axis: 'x' | 'y', length: number): Span {
  const lows = places.map((place) => place[axis]);
  return { low: Math.min(at[axis], ...lows), high: Math.max(at[axis], ...lows) + length, card: at[axis] + length / 2 };
}

/** How far a span is moved: all of it to the middle where there is room, else the card as far as its ends allow. */
function shift({ low, high, card }: Span, room: number, zoom: number): number {
  const spare = room - (high - low) * zoom;
  if (spare >= 0) return spare / 2 - low * zoom;
  return Math.min(-low * zoom, Math.max(room - high * zoom, room / 2 - card * zoom));
}
