// What one can do whichever view is shown.

import type { Density, ProjectSummary, Theme } from '../bindings/app';
import { newProject } from '../features/welcome';
import type { Action, Choice } from '../project/actions.svelte';
import { app } from '../project/app.svelte';
import type { Project } from '../project/project.svelte';
import { backUp, duplicateProject, exportProject, openFile, trashProject, whyNoFile, whyNoTarget } from '../project/projects';
import { desk } from './desk.svelte';
import { nextPane } from './keyboard';
import { views } from './views';

/** With a project or without. */
export function appActions(): Action[] {
  const theme = (value: Theme, title: string): Action => ({
    id: `view.theme.${value}`, title: `Theme: ${title}`, group: 'View', icon: 'palette',
    unavailable: () => (app.settings.theme === value ? 'This is the theme now' : null),
    run: () => app.putSettings({ theme: value }),
  });
  const density = (value: Density, title: string): Action => ({
    id: `view.density.${value}`, title: `Rows: ${title}`, group: 'View', icon: 'rows-3',
    unavailable: () => (app.settings.density === value ? 'Rows are like this now' : null),
    run: () => app.putSettings({ density: value }),
  });
  return [
    { id: 'app.palette', title: 'Search or command', group: 'Help', keys: ['Mod+K', 'Mod+P'], icon: 'command', run: () => void (desk.palette = '') },
    { id: 'app.commands', title: 'Commands', group: 'Help', keys: ['Mod+Shift+P'], run: () => void (desk.palette = '>') },
    { id: 'app.shortcuts', title: 'Keyboard shortcuts', group: 'Help', keys: ['?'], icon: 'keyboard', run: () => void (desk.shortcuts = true) },
    { id: 'app.settings', title: 'Settings', group: 'Help', keys: ['Mod+,'], icon: 'settings', run: () => void (desk.settings = true) },
    { id: 'view.nextPane', title: 'Next pane', group: 'View', keys: ['F6'], run: () => nextPane(1) },
    { id: 'view.previousPane', title: 'Previous pane', group: 'View', keys: ['Shift+F6'], run: () => nextPane(-1) },
    theme('dark', 'dark'), theme('light', 'light'), theme('highContrast', 'high contrast'), theme('system', 'as the system'),
    density('compact', 'compact'), density('normal', 'normal'), density('comfortable', 'comfortable'),
    ...choosing(),
  ];
}

function choosing(): Action[] {
  const others = (): ProjectSummary[] => app.projects.filter(({ id, trashedAt }) => trashedAt === null && id !== app.project?.id);
  const sign = (template: string) => app.templates.find(({ name }) => name === template);
  const look = (template: string): Partial<Choice> => ({ icon: sign(template)?.icon ?? 'file', colour: sign(template)?.colour ?? 'var(--text-3)' });
  return [
    {
      id: 'project.new', title: 'New project…', group: 'Project', icon: 'file-plus',
      choices: () =>
        app.templates.map((template) => ({
          key: template.key, title: template.name, ...look(template.name), run: () => void (newProject.template = template),
        })),
    },
    {
      id: 'project.open', title: 'Open project…', group: 'Project', icon: 'folder-open',
      unavailable: () => (others().length > 0 ? null : 'There is no other project'),
      choices: () =>
        others().map(({ id, name, template }) => ({
          key: id, title: name, ...look(template), place: () => template, run: () => app.open(id),
        })),
    },
    { id: 'project.openFile', title: 'Open file…', group: 'Project', icon: 'folder-open', unavailable: whyNoFile, run: openFile },
    { id: 'project.backUp', title: 'Back up now', group: 'Project', icon: 'archive', run: backUp },
  ];
}

/** While a project is open. */
export function projectActions(project: Project): Action[] {
  return [...editing(project), ...going(project), ...keeping(project)];
}

function editing(project: Project): Action[] {
  const step = (kind: 'undo' | 'redo', name: string, keys: string[]): Action => ({
    id: `edit.${kind}`,
    needs: 'write',
    title: () => (project.history[kind] === null ? name : `${name}: ${project.history[kind]}`),
    group: 'Edit',
    keys,
    icon: `${kind}-2`,
    unavailable: () => (project.history[kind] === null ? `There is nothing to ${kind}` : null),
    run: project[kind],
  });
  return [step('undo', 'Undo', ['Mod+Z']), step('redo', 'Redo', ['Mod+Shift+Z', 'Mod+Y'])];
}

function going(project: Project): Action[] {
  return [
    ...views.map(
      (view, index): Action => ({
        id: `go.${view.id}`, title: view.title, group: 'Go to', keys: [`Mod+${index + 1}`], icon: view.icon,
        run: () => project.show(view.id),
      }),
    ),
    {
      id: 'view.inspector', title: () => (desk.hasInspector(project) ? 'Hide inspector' : 'Show inspector'),
      group: 'View', keys: ['Mod+I', 'I'], icon: 'panel-right',
      unavailable: () => desk.noInspector(project),
      run: () => desk.toggleInspector(project),
    },
  ];
}

function keeping(project: Project): Action[] {
  const named = () => ({ id: project.id, name: project.frame.name });
  return [
    { id: 'project.rename', title: 'Rename project', group: 'Project', needs: 'write', icon: 'pencil', run: () => void (desk.naming = true) },
    { id: 'project.duplicate', title: 'Duplicate project', group: 'Project', icon: 'copy-plus', run: () => duplicateProject(named()) },
    {
      id: 'project.export', title: 'Export as .talus file', group: 'Project', icon: 'file-output',
      unavailable: whyNoTarget,
      run: () => exportProject(named()),
    },
    {
      id: 'project.restoreBackup', title: 'Restore a backup', group: 'Project', icon: 'archive-restore',
      run: () => desk.showSettings('backups'),
    },
    { id: 'project.trash', title: 'Move project to trash', group: 'Project', icon: 'trash-2', run: () => trashProject(named()) },
    { id: 'project.close', title: 'All projects', group: 'Project', icon: 'layout-grid', keys: ['Mod+Shift+O'], run: app.close },
  ];
}
