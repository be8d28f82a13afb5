// What differs between two versions of a text, as few and as small ranges as is cheap to find, so
// that a caret outside of them stays where it is.

export interface Range {
  from: number;
  to: number;
  insert: string;
}

// Beyond this the exact comparison of lines would be felt; one range is then good enough.
const MAX_LINE_PAIRS = 250_000;

/** Ranges of `before`, ascending and disjoint, that make it `after`. */
export function difference(before: string, after: string): Range[] {
  const whole = trim({ from: 0, to: before.length, insert: after }, before);
  if (whole === null) return [];
  const old = lines(before.slice(whole.from, whole.to));
  const fresh = lines(whole.insert);
  if (old.length * fresh.length > MAX_LINE_PAIRS) return [whole];
  return hunks(old, fresh, whole.from).flatMap((hunk) => trim(hunk, before) ?? []);
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Cuts what both sides of a range begin and end with; null where nothing is left. */
function trim({ from, to, insert }: Range, before: string): Range | null {
  let start = 0;
  const most = Math.min(to - from, insert.length);
  while (start < most && before[from + start] === insert[start]) start++;
  if (start > 0 && splits(before, from + start)) start--;
  let end = 0;
  while (end < most - start && before[to - 1 - end] === insert[insert.length - 1 - end]) end++;
  if (end > 0 && splits(before, to - end)) end--;
  if (from + start === to - end && start === insert.length - end) return null;
  return { from: from + start, to: to - end, insert: insert.slice(start, insert.length - end) };
}

/** Whether a position stands inside a surrogate pair. */
function splits(text: string, at: number): boolean {
  return /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[at] ?? '');
}

/** Runs of lines that differ, by longest common subsequence. */
function hunks(old: string[], fresh: string[], offset: number): Range[] {
  const lengths = commonLengths(old, fresh);
  const found: Range[] = [];
  let open: Range | null = null;
  let at = offset;
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const gone = old[i];
    const come = fresh[j];
    if (gone !== undefined && gone === come) {
      open = null;
      at += gone.length;
      i++;
      j++;
      continue;
    }
    if (open === null) found.push((open = { from: at, to: at, insert: '' }));
    const skipOld = lengths[i + 1]?.[j] ?? -1;
    const skipFresh = lengths[i]?.[j + 1] ?? -1;
    if (gone !== undefined && (come === undefined || skipOld >= skipFresh)) {
      at += gone.length;
      open.to = at;
      i++;
    } else {
      open.insert += come ?? '';
      j++;
    }
  }
  return found;
}

/** Length of the longest common subsequence of every pair of tails. */
function commonLengths(old: string[], fresh: string[]): Uint32Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    const row = table[i];
    const below = table[i + 1];
    if (!row || !below) continue;
    for (let j = fresh.length - 1; j >= 0; j--) {
      row[j] =
        old[i] === fresh[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
