// The same window in a browser: requests are posted, events arrive as a stream.

import type { Event } from '../bindings/app';
import type { Host, Loss } from './index';
import { hostFailure, isFailure, unwrap } from './answer';
import { deliver, dropFiles, pickFile, pickTarget } from './browser_files';
import { ask, begin } from './visit';
import { messagesOf } from './stream';

/** So long after it was lost the application is looked for again. */
const AGAIN_MS = 1000;

export function httpHost(): Host {
  let isLeaving = false;
  let isOver = false;
  /** Of the stream that is heard. */
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
      // What a page still says as it goes reaches the application only so. Its stream must end: a browser keeps pages that
      // were left as they are, and opens six connections to one address for all of them together.
      addEventListener('pagehide', () => ((isLeaving = true), connection.abort()), true);
      addEventListener('pageshow', () => (isLeaving = false), true);
      await begin();
      const first = await connect().catch((thrown: unknown) => {
        throw isFailure(thrown) ? thrown : unreachable(thrown);
      });
      void follow(first, handler, resumed);
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

  async function connect(): Promise<ReadableStream<Uint8Array>> {
    connection = new AbortController();
    const response = await ask('/events', { signal: connection.signal });
    if (response.status === 401) lost('over');
    if (!response.ok) unwrap(await response.text());
    if (response.body === null) throw hostFailure('HOST_FAILED', 'The application did not answer.', undefined);
    return response.body;
  }

  /** Hears the stream, and the one after it, until it is told to stop or may not ask any more. */
  async function follow(first: ReadableStream<Uint8Array>, handler: (event: Event) => void, resumed: () => void) {
    for (let stream: ReadableStream<Uint8Array> | null = first; stream !== null; ) {
      const begun = performance.now();
      await hear(stream, handler);
      // A page that was too slow comes back at once, and so does one that was left; that is no loss.
      const atOnce = isLeaving || performance.now() - begun > AGAIN_MS;
      if (isLeaving) await shown();
      stream = await comeBack(atOnce);
      if (stream !== null) resumed();
    }
  }

  async function comeBack(atOnce: boolean): Promise<ReadableStream<Uint8Array> | null> {
    for (let waits = !atOnce; !isOver; waits = true) {
      if (waits) {
        if (!isLeaving) lost('away');
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
      try {
        return await connect();
      } catch (thrown) {
        if (isFailure(thrown) && thrown.code === 'VISIT_OVER') return null;
      }
    }
    return null;
  }
}

/** Waits until one comes back to a page that was left. */
const shown = () => new Promise((done) => addEventListener('pageshow', done, { once: true }));

async function hear(stream: ReadableStream<Uint8Array>, handler: (event: Event) => void): Promise<void> {
  try {
    for await (const message of messagesOf(stream)) {
      for (const event of JSON.parse(message) as Event[]) handler(event);
    }
  } catch {
    // It broke off. What was missed is read anew.
  }
}

async function notify(title: string, body: string): Promise<void> {
  const permission = Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission;
  if (permission !== 'granted') {
    throw hostFailure('NO_DESKTOP_MESSAGES', 'This browser does not let Talus Tally show messages.', undefined);
  }
  new Notification(title, { body });
}

function unreachable(thrown: unknown) {
  return hostFailure('HOST_UNREACHABLE', 'Talus Tally does not answer. It may have been ended.', thrown);
}
