// A small drawing of what a project of a template looks like: shapes in the template's colours. The
// same template is always drawn the same way, and two templates never alike.

import type { TemplateSummary } from '../../bindings/app';

export const WIDTH = 240;
export const HEIGHT = 120;

export interface Shape {
  kind: 'bar' | 'dot' | 'card' | 'line';
  x: number;
  y: number;
  width: number;
  height: number;
  /** Which of the hues. */
  hue: number;
  /** Stands back. */
  faint: boolean;
}

type Random = (below: number) => number;

/** Numbers that depend on the key alone. */
function seeded(key: string): Random {
  let state = 7;
  for (const letter of key) state = (state * 31 + letter.charCodeAt(0)) % 2147483647;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

const shape = (rest: Partial<Shape>): Shape => ({
  kind: 'bar',
  x: 0,
  y: 0,
  width: 0,
  height: 8,
  hue: 0,
  faint: false,
  ...rest,
});

function outline(hues: number, random: Random): Shape[] {
  const depths = [0, 1, 2, 2, 1, 2];
  return depths.flatMap((depth, row) => {
    const [x, y] = [16 + depth * 18, 14 + row * 16];
    return [
      shape({ kind: 'dot', x, y, width: 9, height: 9, hue: depth % hues }),
      shape({ x: x + 16, y: y + 1, width: 44 + random(46), height: 7, hue: -1 }),
      shape({
        x: 182,
        y: y + 1,
        width: 12 + random(30),
        height: 7,
        hue: depth % hues,
        faint: true,
      }),
    ];
  });
}

function timeline(hues: number, random: Random): Shape[] {
  const grid = [60, 105, 150, 195].map((x) =>
    shape({ kind: 'line', x, y: 10, width: 1, height: 100, hue: -1, faint: true }),
  );
  let at = 20;
  const bars = Array.from({ length: 6 }, (_, row) => {
    const width = 32 + random(36);
    const bar = shape({ x: at, y: 16 + row * 16, width, height: 9, hue: row % hues });
    at = Math.min(at + width - random(14), WIDTH - 90);
    return bar;
  });
  return [...grid, ...bars];
}

function board(hues: number, random: Random): Shape[] {
  return [0, 1, 2, 3].flatMap((column) => {
    const x = 14 + column * 54;
    const cards = Array.from({ length: 1 + random(3) }, (_, row) => [
      shape({ kind: 'card', x, y: 30 + row * 27, width: 48, height: 22, hue: -1, faint: true }),
      shape({ x: x + 6, y: 36 + row * 27, width: 14 + random(20), height: 4, hue: column % hues }),
    ]);
    return [shape({ x, y: 14, width: 30, height: 6, hue: column % hues }), ...cards.flat()];
  });
}

function network(hues: number, random: Random): Shape[] {
  const columns = [1, 2, 3, 2];
  return columns.flatMap((count, column) =>
    Array.from({ length: count }, (_, row) => {
      const x = 14 + column * 58;
      const y = 60 + (row - (count - 1) / 2) * 32 - 9;
      const back = shape({
        kind: 'line',
        x: x - 18,
        y: y + 8,
        width: 18,
        height: 2,
        hue: -1,
        faint: true,
      });
      const card = shape({ kind: 'card', x, y, width: 40, height: 18, hue: column % hues });
      const word = shape({ x: x + 6, y: y + 7, width: 12 + random(16), height: 4, hue: -1 });
      return column === 0 ? [card, word] : [back, card, word];
    }).flat(),
  );
}

function pages(hues: number, random: Random): Shape[] {
  return [0, 1, 2].flatMap((page) => {
    const x = 20 + page * 70;
    const lines = Array.from({ length: 5 }, (_, row) =>
      shape({
        x: x + 8,
        y: 40 + row * 12,
        width: 20 + random(24),
        height: 4,
        hue: -1,
        faint: row > 3,
      }),
    );
    const sheet = shape({ kind: 'card', x, y: 12, width: 60, height: 96, hue: -1, faint: true });
    return [sheet, shape({ x: x + 8, y: 22, width: 30, height: 8, hue: page % hues }), ...lines];
  });
}

function table(hues: number, random: Random): Shape[] {
  return Array.from({ length: 6 }, (_, row) => [
    shape({ kind: 'dot', x: 16, y: 14 + row * 16, width: 9, height: 9, hue: row % hues }),
    shape({ x: 34, y: 16 + row * 16, width: 40 + random(40), height: 6, hue: -1 }),
    shape({
      x: 134,
      y: 16 + row * 16,
      width: 20 + random(20),
      height: 6,
      hue: row % hues,
      faint: true,
    }),
    shape({ x: 190, y: 16 + row * 16, width: 14 + random(20), height: 6, hue: -1, faint: true }),
  ]).flat();
}

const SCENES = [outline, timeline, network, board, pages, table];

/** The drawing of a template; `index` is its place in the list. */
export function picture(
  { key, types }: Pick<TemplateSummary, 'key' | 'types'>,
  index: number,
): Shape[] {
  const scene = SCENES[index % SCENES.length] ?? outline;
  return scene(Math.max(1, Math.min(types.length, HUES)), seeded(key));
}

const HUES = 4;

/** Colours of the drawing: the template's own, and its neighbours round the circle of hues. */
export function pictureColours(colour: string): string[] {
  return Array.from({ length: HUES }, (_, step) => turned(colour, step * 47));
}

/** A `#rrggbb` with its hue turned by some degrees. */
export function turned(colour: string, degrees: number): string {
  const match = /^#(..)(..)(..)$/.exec(colour);
  if (!match) return colour;
  const [r, g, b] = match.slice(1).map((part) => parseInt(part, 16) / 255) as [
    number,
    number,
    number,
  ];
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  const spread = most - least;
  const light = (most + least) / 2;
  const sector =
    spread === 0
      ? 0
      : most === r
        ? (g - b) / spread
        : most === g
          ? 2 + (b - r) / spread
          : 4 + (r - g) / spread;
  const hue = (((sector * 60 + degrees) % 360) + 360) % 360;
  const saturation = spread === 0 ? 0 : spread / (1 - Math.abs(2 * light - 1));
  const part = (offset: number): string => {
    const at = (offset + hue / 30) % 12;
    const value =
      light - saturation * Math.min(light, 1 - light) * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
