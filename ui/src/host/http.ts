// The same window in a browser: requests are posted, events arrive by WebSocket.

import type { Event } from '../bindings/app';
import type { Host, Loss } from './index';
import { hostFailure, isFailure, unreachable, unwrap } from './answer';
import { deliver, dropFiles, pickFile, pickTarget } from './browser_files';
import { hear, type Hearing } from './events';
import { ask, begin, pass } from './visit';

/** So long after it was lost the application is looked for again. */
const AGAIN_MS = 1000;

export function httpHost(): Host {
  let isLeaving = false;
  let isOver = false;
  /** By which events are heard. */
  let connection = new AbortController();
  let lost = (_: Loss) => {};

  return {
    async send(request) {
      try {
        const response = await ask('/rpc', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(request),
          keepalive: isLeaving,
        });
        if (response.status === 401) lost('over');
        const reply = unwrap(await response.text());
        if ('path' in request) deliver(request.path);
        return reply;
      } catch (thrown) {
        throw isFailure(thrown) ? thrown : unreachable(thrown);
      }
    },
    async listen(handler, resumed, onlost) {
      lost = onlost;
      // What a page still says as it goes reaches the application only so. It must hear no more: a browser keeps pages that
      // were left as they are.
      addEventListener('pagehide', () => ((isLeaving = true), connection.abort()), true);
      addEventListener('pageshow', () => (isLeaving = false), true);
      await begin();
      void follow(await connect(handler), handler, resumed);
      return () => ((isOver = true), connection.abort());
    },
    capabilities: {
      pickFile,
      pickTarget,
      dropFiles,
      notify: 'Notification' in globalThis ? notify : null,
      servesPrograms: false,
      quit: null,
      setTitle: (title) => (document.title = title),
    },
  };

  async function connect(handler: (event: Event) => void): Promise<Hearing> {
    connection = new AbortController();
    try {
      return await hear(pass(), handler, connection.signal);
    } catch (thrown) {
      if (isFailure(thrown) && thrown.code === 'VISIT_OVER') lost('over');
      throw thrown;
    }
  }

  /** Hears events, again whenever that breaks off, until it is told to stop or may not hear any more. */
  async function follow(first: Hearing, handler: (event: Event) => void, resumed: () => void) {
    for (let hearing: Hearing | null = first; hearing !== null; ) {
      const begun = performance.now();
      await hearing.ended;
      // A page that was too slow comes back at once, and so does one that was left; that is no loss.
      const atOnce = isLeaving || performance.now() - begun > AGAIN_MS;
      if (isLeaving) await shown();
      hearing = await comeBack(handler, atOnce);
      if (hearing !== null) resumed();
    }
  }

  async function comeBack(handler: (event: Event) => void, atOnce: boolean): Promise<Hearing | null> {
    for (let waits = !atOnce; !isOver; waits = true) {
      if (waits) {
        if (!isLeaving) lost('away');
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
      try {
        return await connect(handler);
      } catch (thrown) {
        if (isFailure(thrown) && thrown.code === 'VISIT_OVER') return null;
      }
    }
    return null;
  }
}

/** Waits until one comes back to a page that was left. */
const shown = () => new Promise((done) => addEventListener('pageshow', done, { once: true }));

async function notify(title: string, body: string): Promise<void> {
  const permission = Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission;
  if (permission !== 'granted') {
    throw hostFailure('NO_DESKTOP_MESSAGES', 'This browser does not let Talus Tally show messages.', undefined);
  }
  new Notification(title, { body });
}
