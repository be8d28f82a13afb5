// The desktop window: one command for requests, one event name for what happens.

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';

import type { Event } from '../bindings/app';
import type { FileDrag, FileKind, Host } from './index';
import { hostFailure, isFailure, unwrap } from './answer';

const decoder = new TextDecoder();

export function tauriHost(): Host {
  return {
    async send(request) {
      try {
        // Raw bytes: a large snapshot as a JSON string would be escaped and parsed twice.
        const bytes = await invoke<ArrayBuffer>('rpc', { request: JSON.stringify(request) });
        return unwrap(decoder.decode(bytes));
      } catch (thrown) {
        if (isFailure(thrown)) throw thrown;
        throw hostFailure('HOST_FAILED', 'The application did not answer. Restart it.', thrown);
      }
    },
    listen(handler) {
      return listen<Event | Event[]>('event', ({ payload }) => {
        if (Array.isArray(payload)) payload.forEach(handler);
        else handler(payload);
      });
    },
    capabilities: {
      pickFile: (title, kinds) => dialog('open', { title, filters: filters(kinds) }),
      pickTarget: (title, name, kinds) =>
        dialog('save', { title, defaultPath: name, filters: filters(kinds) }),
      dropFiles,
      notify: (title, body) => invoke<void>('notify', { title, body }),
      servesPrograms: true,
      quit: () => void invoke('leave'),
      setTitle: (title) => void getCurrentWindow().setTitle(title),
    },
  };
}

/** One subscription for the window, however many parts of it listen. */
const dragListeners = new Set<(drag: FileDrag) => void>();
let isFollowingDrags = false;

function dropFiles(handler: (drag: FileDrag) => void): () => void {
  if (!isFollowingDrags) followDrags();
  dragListeners.add(handler);
  return () => dragListeners.delete(handler);
}

interface Dragged {
  /** Only when they come into the window and when they are dropped. */
  paths?: string[];
  position: { x: number; y: number };
}

function followDrags(): void {
  isFollowingDrags = true;
  let carried: string[] = [];
  const tell = (drag: FileDrag) => dragListeners.forEach((listener) => listener(drag));
  const follow = (event: string, kind: 'over' | 'dropped') =>
    void listen<Dragged>(event, ({ payload: { paths, position } }) => {
      carried = paths ?? carried;
      tell({ kind, paths: carried, x: position.x / devicePixelRatio, y: position.y / devicePixelRatio });
    });
  follow('tauri://drag-enter', 'over');
  follow('tauri://drag-over', 'over');
  follow('tauri://drag-drop', 'dropped');
  void listen('tauri://drag-leave', () => tell({ kind: 'left' }));
}

function filters(kinds: FileKind[]) {
  return kinds.map(({ name, extensions }) => ({ name, extensions }));
}

function dialog(which: 'open' | 'save', options: object): Promise<string | null> {
  return invoke<string | null>(`plugin:dialog|${which}`, { options });
}
