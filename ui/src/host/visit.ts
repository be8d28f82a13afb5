// What lets this page ask: a pass that the key in its address was exchanged for.
//
// It lies in `localStorage`, which belongs to the address with its port; a cookie would be sent to every port of this
// machine (decision 23).

const PASS = 'talus-tally-pass';

/** Exchanges the key of the address, if there is one, and takes it out of the address. */
export async function begin(): Promise<void> {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  // Somebody who opens a new address in a page that is open already stays in it.
  addEventListener('hashchange', () => location.hash.startsWith('#key=') && location.reload());
  if (key === null) return;
  history.replaceState(null, '', location.pathname);
  const response = await fetch('/enter', { method: 'POST', body: key });
  // A key that was used already does no harm to a visit that goes on.
  if (response.ok) localStorage.setItem(PASS, ((await response.json()) as { pass: string }).pass);
}

/** What lets this page ask; empty: nothing does. */
export const pass = () => localStorage.getItem(PASS) ?? '';

/** Asks the server, and says who asks. */
export function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${pass()}`);
  return fetch(path, { ...init, headers, cache: 'no-store' });
}
