// Text of other programs as rows: one for each line, its indentation, bullet or heading says how deep. Of a row of a
// spreadsheet the first cell is the title.

export interface PastedRow {
  readonly title: string;
  /** From 0; at most one more than that of the row before. */
  readonly depth: number;
}

const TAB = 4;
const BULLET = /^(?:[-*+\u2022\u25e6\u25aa\u25cf\u2013\u2014]|\d{1,4}[.)]|[a-z][.)])\s+/u;
const BOX = /^\[[ xX]\]\s+/;
const HEADING = /^(#{1,6})\s+/;

/** The rows of a text; none where it says nothing. */
export function pastedRows(text: string): PastedRow[] {
  const rows: PastedRow[] = [];
  /** Indentations that are open, outer first. */
  let open: number[] = [];
  /** Levels of the headings that are open. */
  let headings: number[] = [];
  for (const line of text.split(/\r\n|[\n\r\u2028\u2029]/)) {
    const written = line.trimStart();
    const heading = HEADING.exec(written);
    const title = titleOf(heading ? written.slice(heading[0].length) : written);
    if (title === '') continue;
    if (heading) {
      const level = heading[1]?.length ?? 1;
      headings = [...headings.filter((outer) => outer < level), level];
      open = [];
      rows.push({ title, depth: headings.length - 1 });
      continue;
    }
    const width = widthOf(line.slice(0, line.length - written.length));
    open = [...open.filter((outer) => outer < width), width];
    rows.push({ title, depth: headings.length + open.length - 1 });
  }
  return levelled(rows);
}

function titleOf(written: string): string {
  const bare = written.replace(BULLET, '').replace(BOX, '');
  const cell = bare.split('\t').find((part) => part.trim() !== '') ?? '';
  return cell.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

function widthOf(blank: string): number {
  let width = 0;
  for (const sign of blank) width = sign === '\t' ? width + TAB - (width % TAB) : width + 1;
  return width;
}

/** What was copied may begin deep inside; its first row stands at the top. */
function levelled(rows: readonly PastedRow[]): PastedRow[] {
  let above = -1;
  return rows.map(({ title, depth }) => {
    above = Math.min(depth, above + 1);
    return { title, depth: above };
  });
}
