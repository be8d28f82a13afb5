// Sections of the inspector that are folded, by title; remembered per project.

import type { Layout } from '../../project/layout.svelte';

const NAME = 'inspector.folded';
const NONE: readonly string[] = [];

export const isFolded = (layout: Layout, title: string): boolean => layout.get(NAME, NONE).includes(title);

/** Folds a section, or opens it. */
export function fold(layout: Layout, title: string, folded: boolean): void {
  if (isFolded(layout, title) === folded) return;
  const all = layout.get(NAME, NONE);
  layout.put(NAME, folded ? [...all, title] : all.filter((other) => other !== title));
}
