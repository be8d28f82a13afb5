// What one can do with others. The commands are there only where projects can be shared.

import { host } from '../../host';
import type { Action } from '../../project/actions.svelte';
import { app } from '../../project/app.svelte';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { bring } from './bring';
import { BUNDLE_FILE } from './carry';
import { copyText } from './copy';
import { diagnosticsOf } from './diagnostics';
import { followOf } from './follow.svelte';
import { sharingState } from './state.svelte';

/** With a project or without. */
export function joinActions(): Action[] {
  const { pickFile } = host.capabilities;
  return [
    { id: 'sharing.join', title: 'Join a project', group: 'Project', icon: 'log-in', run: () => void (sharingState.joining = '') },
    {
      id: 'sharing.importChanges', title: 'Import changes from a file', group: 'Project', icon: 'file-down',
      unavailable: () => (pickFile ? null : 'A browser cannot read files of this machine'),
      run: async () => {
        const path = await pickFile?.('Import changes', [BUNDLE_FILE]);
        if (path) await bring(path, app.project?.id ?? null);
      },
    },
  ];
}

/** While a project is open. */
export function sharingActions(project: Project): Action[] {
  const { room } = project;
  const alone = () => (room.isShared ? null : 'The project is not shared');
  return [
    {
      id: 'sharing.invite', title: () => (room.isShared ? 'Share: people, roles, invitations' : 'Share project'), group: 'Project', icon: 'user-plus',
      run: () => void (sharingState.inviting = true),
    },
    { id: 'sharing.peers', title: 'Peers', group: 'Project', icon: 'users', unavailable: alone, run: () => void (sharingState.peers = true) },
    { id: 'sharing.syncNow', title: 'Sync now', group: 'Project', icon: 'refresh-cw', unavailable: alone, run: () => room.syncNow() },
    { id: 'sharing.checkNetwork', title: 'Check the network', group: 'Project', icon: 'stethoscope', run: () => sharingState.examine() },
    {
      id: 'sharing.exportChanges', title: 'Export changes to a file', group: 'Project', icon: 'file-up',
      unavailable: () => (host.capabilities.pickTarget ? alone() : 'A browser cannot write files of this machine'),
      run: () => void (sharingState.carrying = true),
    },
    {
      id: 'sharing.copyDiagnostics', title: 'Copy diagnostics of sharing', group: 'Project', icon: 'clipboard-list',
      run: () => copyDiagnostics(project),
    },
  ];
}

/** For the people that are here. */
export function followActions(project: Project): Action[] {
  const follow = followOf(project);
  return project.presence.people.map(
    ({ person, name }): Action => ({
      id: `sharing.follow.${person}`, group: 'Go to', icon: 'eye',
      title: () => (follow.person === person ? `Stop following ${name}` : `Follow ${name}`),
      run: () => follow.toggle(person),
    }),
  );
}

export async function copyDiagnostics(project: Project): Promise<void> {
  const { version } = app;
  const subject = { version, program: navigator.userAgent, nodeCount: project.nodeCount, sharing: project.room.sharing, links: project.room.links };
  const isCopied = await copyText(diagnosticsOf(subject, Date.now()));
  if (isCopied) toasts.show('Diagnostics copied. They name no project, text or person.');
  else toasts.show('The clipboard cannot be written.', { kind: 'failed' });
}
