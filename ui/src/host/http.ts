// The same window in a browser: requests are posted, events arrive as a stream.

import type { Event } from '../bindings/app';
import type { Host } from './index';
import { hostFailure, isFailure, unwrap } from './answer';

export function httpHost(base = ''): Host {
  return {
    async send(request) {
      try {
        const response = await fetch(`${base}/rpc`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(request),
        });
        return unwrap(await response.text());
      } catch (thrown) {
        if (isFailure(thrown)) throw thrown;
        throw hostFailure('HOST_UNREACHABLE', 'The application cannot be reached.', thrown);
      }
    },
    listen(handler) {
      const stream = new EventSource(`${base}/events`);
      stream.onmessage = ({ data }: MessageEvent<string>) => {
        const batch = JSON.parse(data) as Event | Event[];
        if (Array.isArray(batch)) batch.forEach(handler);
        else handler(batch);
      };
      const stop = () => stream.close();
      return new Promise((resolve, reject) => {
        stream.onopen = () => resolve(stop);
        // Later errors are followed by a reconnection; a gap in revisions brings a new snapshot.
        stream.onerror = () => {
          if (stream.readyState === EventSource.CLOSED) reject(new Error('no event stream'));
        };
      });
    },
    capabilities: {
      pickFile: null,
      pickTarget: null,
      setTitle: (title) => (document.title = title),
    },
  };
}
