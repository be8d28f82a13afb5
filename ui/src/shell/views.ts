// Views in the order of the rail. What is not listed here does not exist for anybody.

import type { Component } from 'svelte';

import { View as Graph } from '../features/graph';
import { View as Outline } from '../features/outline';
import { View as Problems } from '../features/problems';
import { View as Template } from '../features/template';
import { View as Trash } from '../features/trash';

export interface ViewEntry {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  readonly component: Component;
  /** At the foot of the rail, apart from the views of the work. */
  readonly atFoot?: boolean;
}

export const views: readonly ViewEntry[] = [
  { id: 'outline', title: 'Outline', icon: 'list-tree', component: Outline },
  { id: 'graph', title: 'Graph', icon: 'waypoints', component: Graph },
  { id: 'problems', title: 'Problems', icon: 'triangle-alert', component: Problems },
  { id: 'trash', title: 'Trash', icon: 'trash-2', component: Trash },
  { id: 'template', title: 'Template', icon: 'shapes', component: Template, atFoot: true },
];
