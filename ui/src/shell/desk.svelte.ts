// What is open in the window beside the view: palette, sheet, settings, inspector.

import { MediaQuery } from 'svelte/reactivity';

import { app } from '../project/app.svelte';
import type { Project } from '../project/project.svelte';
import { views } from './views';

class Desk {
  /** What is typed in the palette; null: it is closed. */
  palette = $state<string | null>(null);
  shortcuts = $state(false);
  settings = $state(false);
  naming = $state(false);
  /** The view that the inspector lies over, in a window that has no room beside it; null: over none. */
  sheet = $state<string | null>(null);
  readonly #narrow = new MediaQuery('max-width: 899px');
  readonly #slim = new MediaQuery('max-width: 639px');

  /** The inspector is a sheet. */
  get isNarrow(): boolean {
    return this.#narrow.current;
  }

  /** The rail is a menu. */
  get isSlim(): boolean {
    return this.#slim.current;
  }

  /** Why there is no inspector beside the view; null: there can be one. */
  noInspector(project: Project): string | null {
    const view = views.find(({ id }) => id === project.view);
    return view?.isAlone ? `${view.title} needs the whole window` : null;
  }

  hasInspector(project: Project): boolean {
    if (this.noInspector(project) !== null) return false;
    return this.isNarrow ? this.sheet === project.view : project.layout.get('inspector', true);
  }

  showInspector(project: Project): void {
    if (this.noInspector(project) !== null) project.show('outline');
    if (!this.hasInspector(project)) this.toggleInspector(project);
  }

  /** Opens the settings at a subject. */
  showSettings(subject: string): void {
    app.layout.put('settings.subject', subject);
    this.settings = true;
  }

  toggleInspector(project: Project): void {
    if (this.isNarrow) this.sheet = this.hasInspector(project) ? null : project.view;
    else project.layout.put('inspector', !project.layout.get('inspector', true));
  }
}

export const desk = new Desk();
