// Views in the order of the rail. What is not listed here does not exist for anybody.

import type { Component } from 'svelte';

import { View as Outline } from '../features/outline';

export interface ViewEntry {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  /** The home of a project is there at once; the others are read when they are first shown. */
  readonly component: () => Component | Promise<Component>;
  /** What is selected has no place beside it. */
  readonly isAlone?: boolean;
  /** At the foot of the rail, apart from the views of the work. */
  readonly atFoot?: boolean;
}

const of = (view: Promise<{ default: Component }>): Promise<Component> => view.then((module) => module.default);

export const views: readonly ViewEntry[] = [
  { id: 'outline', title: 'Outline', icon: 'list-tree', component: () => Outline },
  { id: 'graph', title: 'Graph', icon: 'waypoints', component: () => of(import('../features/graph/View.svelte')) },
  { id: 'problems', title: 'Problems', icon: 'triangle-alert', component: () => of(import('../features/problems/View.svelte')) },
  { id: 'trash', title: 'Trash', icon: 'trash-2', component: () => of(import('../features/trash/View.svelte')) },
  { id: 'template', title: 'Template', icon: 'shapes', component: () => of(import('../features/template/View.svelte')), isAlone: true, atFoot: true },
];
