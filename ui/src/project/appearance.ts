// How settings look. Numbers that scripts need are here; the rest is in the tokens.

import type { Density, Settings, Theme } from '../bindings/app';

/** Height of a row in pixels; the same as `--row`. */
export const ROW_HEIGHT: Readonly<Record<Density, number>> = { compact: 24, normal: 28, comfortable: 34 };

const light = globalThis.matchMedia?.('(prefers-color-scheme: light)');

/** The theme in force. */
export function themeOf(theme: Theme, systemIsLight = light?.matches ?? false): Exclude<Theme, 'system'> {
  return theme === 'system' ? (systemIsLight ? 'light' : 'dark') : theme;
}

/** Whether nothing should move: the person or the system says so. */
export const isStill = ({ reduceMotion }: Settings): boolean =>
  reduceMotion || (globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false);

/** Puts settings on the document, and follows the system while they say so. Returns how to stop. */
export function applyAppearance(settings: Settings, root: HTMLElement): () => void {
  const paint = () => (root.dataset['theme'] = themeOf(settings.theme));
  paint();
  root.dataset['density'] = settings.density;
  root.dataset['motion'] = settings.reduceMotion ? 'reduced' : 'full';
  light?.addEventListener('change', paint);
  return () => light?.removeEventListener('change', paint);
}
