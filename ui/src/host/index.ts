// The only surface between the window and what runs it. Platforms are never sniffed: features ask
// `host.capabilities`.

import type { Event, Reply, Request } from '../bindings/app';
import { httpHost } from './http';
import { tauriHost } from './tauri';

/** Which reply answers which request. */
interface ReplyKinds {
  start: 'started';
  unlock: 'unlocked';
  readSecurity: 'security';
  readServing: 'serving';
  listProjects: 'projects';
  createProject: 'opened';
  openProject: 'opened';
  duplicateProject: 'opened';
  importProject: 'opened';
  restoreBackup: 'opened';
  snapshot: 'snapshot';
  apply: 'applied';
  attachFile: 'applied';
  undo: 'undone';
  redo: 'undone';
  inspect: 'details';
  readText: 'text';
  clip: 'clipping';
  find: 'hits';
  readTrash: 'trash';
  readAttachment: 'bytes';
  readThumbnail: 'thumbnail';
  listAttachments: 'attachments';
  listBackups: 'backups';
  readLayout: 'layout';
  readNotices: 'notices';
  invite: 'invitation';
  inviteAs: 'invitation';
  readMembers: 'members';
  readActivity: 'activity';
  readNearby: 'nearby';
  beginPairing: 'pairing';
  becomePeer: 'done';
  readPairing: 'pairing';
  joinProject: 'opened';
  readSharing: 'sharing';
  readLinks: 'links';
  readNetwork: 'network';
  examineNetwork: 'examination';
  readAcquaintances: 'acquaintances';
  exportBundle: 'bundled';
  importBundle: 'brought';
}

export type ReplyTo<K extends Request['kind']> = Extract<
  Reply,
  { kind: K extends keyof ReplyKinds ? ReplyKinds[K] : 'done' }
>;

/** A choice of files for people. */
export interface FileKind {
  name: string;
  extensions: string[];
}

/** Files of this machine on their way through the window, and where the pointer is. null: they are named once they are dropped. */
export type FileDrag =
  | { readonly kind: 'over'; readonly paths: readonly string[] | null; readonly x: number; readonly y: number }
  | { readonly kind: 'dropped'; readonly paths: readonly string[]; readonly x: number; readonly y: number }
  | { readonly kind: 'left' };

/** What this host can do beside answering requests. */
export interface Capabilities {
  /** Ask for a file of this machine; null: none was chosen. */
  pickFile: ((title: string, kinds: FileKind[]) => Promise<string | null>) | null;
  /** Ask where to write a file of this machine; null: nowhere. */
  pickTarget: ((title: string, name: string, kinds: FileKind[]) => Promise<string | null>) | null;
  /** Hear of files of this machine that are dragged over the window and dropped on it. Returns how to stop. */
  dropFiles: ((handler: (drag: FileDrag) => void) => () => void) | null;
  /** Show a message of the desktop. Rejects with the reason if the desktop shows none; null: there is no desktop. */
  notify: ((title: string, body: string) => Promise<void>) | null;
  /** Whether it can let programs of this machine in, or not, as the settings say. */
  servesPrograms: boolean;
  /** End the program; null: it is not the window's to end. */
  quit: (() => void) | null;
  /** Set the title of the window. */
  setTitle: (title: string) => void;
}

/** How the way to the application was lost: for now, or for good, since this page may not ask any more. */
export type Loss = 'away' | 'over';

/** What a host implements. `send` rejects with a `Failure`. */
export interface Host {
  send(request: Request): Promise<Reply>;
  /** `resumed`: events may have been missed. A host that is one with its window is never lost. */
  listen(handler: (event: Event) => void, resumed: () => void, lost: (loss: Loss) => void): Promise<() => void>;
  capabilities: Capabilities;
}

const current: Host = '__TAURI_INTERNALS__' in globalThis ? tauriHost() : httpHost();

export const host = {
  /** Ask the application. Rejects with a `Failure`. */
  call<R extends Request>(request: R): Promise<ReplyTo<R['kind']>> {
    return current.send(request) as Promise<ReplyTo<R['kind']>>;
  },
  /** Hear every event from now on. Subscribe first, then take a snapshot; take another one when told `resumed`. */
  listen: (handler: (event: Event) => void, resumed: () => void, lost: (loss: Loss) => void) => current.listen(handler, resumed, lost),
  capabilities: current.capabilities,
};
