// What one can do about the trash from any view.

import type { Action } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import { emptying } from './emptying.svelte';

export function actionsOf(project: Project): Action[] {
  return [
    {
      id: 'trash.empty',
      title: 'Empty trash…',
      group: 'Project',
      icon: 'trash-2',
      needs: 'write',
      unavailable: () => (project.trashCount > 0 ? null : 'The trash is empty'),
      run: () => {
        project.show('trash');
        emptying.isAsked = true;
      },
    },
  ];
}
