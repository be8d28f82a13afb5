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
    listen(handler, resumed) {
      const stream = new EventSource(`${base}/events`);
      stream.onmessage = ({ data }: MessageEvent<string>) => {
        const batch = JSON.parse(data) as Event | Event[];
        if (Array.isArray(batch)) batch.forEach(handler);
        else handler(batch);
      };
      return new Promise((resolve, reject) => {
        stream.onopen = () => {
          stream.onopen = resumed;
          // From now on the browser connects again by itself.
          stream.onerror = null;
          resolve(() => stream.close());
        };
        stream.onerror = (thrown) => {
          stream.close();
          reject(hostFailure('HOST_UNREACHABLE', 'The application cannot be reached.', thrown.type));
        };
      });
    },
    capabilities: {
      pickFile: null,
      pickTarget: null,
      dropFiles: null,
      notify: null,
      quit: null,
      setTitle: (title) => (document.title = title),
    },
  };
}
