// Fuzzy matching for every list that one searches by typing.

import uFuzzy from '@leeoniya/ufuzzy';

/** Made for the first search: its patterns take long to compile. */
let made: uFuzzy | undefined;
const fuzzy = () => (made ??= new uFuzzy({ intraMode: 1, intraIns: 2, unicode: true, interSplit: "[^\\p{L}\\d']+", intraSplit: '\\p{Ll}\\p{Lu}', intraBound: '\\p{L}\\d|\\d\\p{L}|\\p{Ll}\\p{Lu}', intraChars: "[\\p{L}\\d']", intraContr: "'\\p{L}{1,2}\\b" }));

/** Indexes of the texts that match, best first. An empty query matches all in their own order. */
export function fuzzySearch(texts: readonly string[], query: string, limit = 200): number[] {
  if (query.trim() === '') return texts.slice(0, limit).map((_, index) => index);
  const haystack = uFuzzy.latinize(texts as string[]);
  const [found, info, order] = fuzzy().search(haystack, uFuzzy.latinize(query), 1, 5_000);
  if (!found) return [];
  if (!info || !order) return found.slice(0, limit);
  return order.slice(0, limit).flatMap((at) => info.idx[at] ?? []);
}
