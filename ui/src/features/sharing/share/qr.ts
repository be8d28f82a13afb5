import { encode } from 'uqr';

/** A text as a QR code: the side in modules, quiet zone included, and the dark ones as one SVG path. Null: it is too long. */
export function qrOf(text: string): { readonly side: number; readonly path: string } | null {
  try {
    const { data, size } = encode(text, { ecc: 'M', border: 4 });
    const runs = data.flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`));
    return { side: size, path: runs.join('') };
  } catch {
    return null;
  }
}

/** Where dark modules begin in a row, and how many stand together. */
function runsOf(row: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  row.forEach((isDark, x) => {
    const last = runs.at(-1);
    if (!isDark) return;
    if (last && last[0] + last[1] === x) last[1]++;
    else runs.push([x, 1]);
  });
  return runs;
}
