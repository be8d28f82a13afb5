// What the shell puts in its places. A view that is not listed here does not exist for anybody.

import type { Component } from 'svelte';

import type { Action } from '../project/actions.svelte';
import type { Project } from '../project/project.svelte';

interface Feature {
  readonly View?: Component;
  readonly Inspector?: Component;
  readonly Settings?: Component;
  readonly Welcome?: Component;
  readonly actionsOf?: (project: Project) => Action[];
}

const found = import.meta.glob<Feature>('../features/*/index.ts', { eager: true });

/** What a feature exports; nothing when there is no such feature. */
export const feature = (name: string): Feature => found[`../features/${name}/index.ts`] ?? {};

export interface ViewEntry {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  /** At the foot of the rail: kept apart from the views of the work. */
  readonly atFoot: boolean;
  readonly component: Component;
}

/** Views in the order of the rail. */
export const views: readonly ViewEntry[] = [
  view('outline', 'Outline', 'list-tree'),
  view('graph', 'Graph', 'waypoints'),
  view('problems', 'Problems', 'triangle-alert'),
  view('trash', 'Trash', 'trash-2'),
  view('template', 'Template', 'shapes', true),
].flat();

function view(id: string, title: string, icon: string, atFoot = false): ViewEntry[] {
  const component = feature(id).View;
  return component ? [{ id, title, icon, atFoot, component }] : [];
}

/** Actions that features have for a project. */
export const featureActions = (project: Project): Action[] =>
  Object.values(found).flatMap((one) => one.actionsOf?.(project) ?? []);
