// What one can do whichever view is shown.

import type { Density, Theme } from '../bindings/app';
import { host } from '../host';
import type { Action } from '../project/actions.svelte';
import { app } from '../project/app.svelte';
import type { Project } from '../project/project.svelte';
import { toasts } from '../project/toasts.svelte';
import { desk } from './desk.svelte';
import { nextPane } from './keyboard';
import { views } from './views';

const TALUS_FILE = { name: 'Talus Tally project', extensions: ['talus'] };

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
  const { pickTarget } = host.capabilities;
  return [
    { id: 'project.rename', title: 'Rename project', group: 'Project', needs: 'write', icon: 'pencil', run: () => void (desk.naming = true) },
    {
      id: 'project.duplicate', title: 'Duplicate project', group: 'Project', icon: 'copy-plus',
      run: async () => {
        const name = `${project.frame.name} copy`;
        const { project: copy } = await host.call({ kind: 'duplicateProject', project: project.id, name });
        toasts.show(`“${name}” was made, without history.`, { action: { label: 'Open', run: () => void app.open(copy) } });
      },
    },
    {
      id: 'project.export', title: 'Export as .talus file', group: 'Project', icon: 'file-output',
      unavailable: () => (pickTarget ? null : 'A browser cannot write files of this machine'),
      run: async () => {
        const path = await pickTarget?.('Export project', `${project.frame.name}.talus`, [TALUS_FILE]);
        if (!path) return;
        await host.call({ kind: 'exportProject', project: project.id, path });
        toasts.show('Exported. The file holds no keys: anyone who has it can read the project.');
      },
    },
    {
      id: 'project.restoreBackup', title: 'Restore a backup', group: 'Project', icon: 'archive-restore',
      run: () => desk.showSettings('backups'),
    },
    { id: 'project.close', title: 'All projects', group: 'Project', icon: 'layout-grid', keys: ['Mod+Shift+O'], run: app.close },
  ];
}
