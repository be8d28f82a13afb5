// What happens, by WebSocket: of these a browser opens as many to one address as there are tabs, of other connections six.

import type { Event } from '../bindings/app';
import { hostFailure, unreachable } from './answer';

/** With what the server closes the connection of a page that may not hear anything. */
const VISIT_OVER = 4401;

/** Events are heard. */
export interface Hearing {
  /** Resolves when they are no more. */
  ended: Promise<void>;
}

/**
 * Hears everything from now on. Resolves once that is certain; rejects with a failure if this page may not hear anything, or
 * nobody answers. `pass` is sent first, as the server wants it.
 */
export function hear(pass: string, handler: (event: Event) => void, signal: AbortSignal): Promise<Hearing> {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/events`);
  signal.addEventListener('abort', () => socket.close());
  return new Promise((heard, refused) => {
    const ended = new Promise<void>((end) => {
      socket.onclose = ({ code, reason }) => {
        refused(code === VISIT_OVER ? hostFailure('VISIT_OVER', reason, undefined) : unreachable(`closed with ${code}`));
        end();
      };
    });
    socket.onopen = () => socket.send(pass);
    // The first one is empty.
    socket.onmessage = ({ data }) => {
      for (const event of JSON.parse(data as string) as Event[]) handler(event);
      heard({ ended });
    };
  });
}
