// Size and place of cards.

export const CARD = { width: 160, height: 40 };

/** Room between neighbours: below each other, and from one layer to the next. */
export const GAP = { row: 16, layer: 56 };

export interface Point {
  x: number;
  y: number;
}

/** Top left corners by card and stack. */
export type Positions = Record<string, Point>;
