// The desktop window: one command for requests, one event name for what happens.

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';

import type { Event } from '../bindings/app';
import type { FileKind, Host } from './index';
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
      dropFiles: (handler) => {
        const stop = listen<{ paths: string[]; position: { x: number; y: number } }>(
          'tauri://drag-drop',
          ({ payload: { paths, position } }) =>
            handler(paths, position.x / devicePixelRatio, position.y / devicePixelRatio),
        );
        return () => void stop.then((unlisten) => unlisten());
      },
      setTitle: (title) => void getCurrentWindow().setTitle(title),
    },
  };
}

function filters(kinds: FileKind[]) {
  return kinds.map(({ name, extensions }) => ({ name, extensions }));
}

function dialog(which: 'open' | 'save', options: object): Promise<string | null> {
  return invoke<string | null>(`plugin:dialog|${which}`, { options });
}
