// What one does with a whole project, wherever it is asked for. All of it tells when it went wrong.

import type { ProjectId } from '../bindings/app';
import { host } from '../host';
import { app } from './app.svelte';
import { toasts } from './toasts.svelte';

const TALUS_FILE = { name: 'Talus Tally project', extensions: ['talus'] };

interface Named {
  readonly id: ProjectId;
  readonly name: string;
}

/** Why no project can be read from a file here; null: it can. */
export const whyNoFile = (): string | null => (host.capabilities.pickFile ? null : 'A browser cannot open files of this machine');

/** Why no project can be written to a file here; null: it can. */
export const whyNoTarget = (): string | null => (host.capabilities.pickTarget ? null : 'A browser cannot write files of this machine');

/** Asks for a `.talus` file and opens it as a project. */
export async function openFile(): Promise<void> {
  const path = await host.capabilities.pickFile?.('Open a project', [TALUS_FILE]);
  if (path) await app.openFile(path).catch((thrown) => toasts.failFile(path, thrown));
}

/** Asks where to and writes a project there. */
export async function exportProject({ id, name }: Named): Promise<void> {
  const path = await host.capabilities.pickTarget?.('Export project', `${name}.talus`, [TALUS_FILE]);
  if (!path) return;
  await telling(async () => {
    await host.call({ kind: 'exportProject', project: id, path });
    toasts.show('Exported. The file holds no keys: anyone who has it can read the project.');
  });
}

/** Makes a copy beside the project, which stays open. */
export const duplicateProject = ({ id, name }: Named): Promise<void> =>
  telling(async () => {
    const { project: copy } = await host.call({ kind: 'duplicateProject', project: id, name: `${name} copy` });
    toasts.show(`“${name} copy” was made, without history.`, { action: { label: 'Open', run: () => void app.open(copy) } });
  });

/** The window leaves the project first, if it shows it. */
export const trashProject = ({ id, name }: Named): Promise<void> =>
  telling(async () => {
    if (app.project?.id === id) await app.close();
    await host.call({ kind: 'trashProject', project: id });
    const undo = () => void telling(() => host.call({ kind: 'restoreProject', project: id }));
    toasts.show(`“${name}” is in the trash.`, { action: { label: 'Undo', run: undo } });
  });

/** Backs up every project of this installation. */
export const backUp = (): Promise<void> =>
  telling(async () => {
    await host.call({ kind: 'backUp' });
    toasts.show('Backed up: all projects, without their attachments.');
  });

/** `name`, or with the first number from 2 that no project here has. */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name} ${number}`)) number++;
  return `${name} ${number}`;
}

async function telling(act: () => Promise<unknown>): Promise<void> {
  await act().catch((thrown) => toasts.fail(thrown));
}
