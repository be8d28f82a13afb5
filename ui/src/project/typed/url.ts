// Web addresses as people type them.

const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'file:', 'tel:']);

/** The address that is meant, with a scheme, or null. */
export function parseUrl(text: string): string | null {
  const typed = text.trim();
  if (/\s/.test(typed) || typed === '') return null;
  const schemed = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(schemed)) return null;
  const url = new URL(schemed);
  if (!SCHEMES.has(url.protocol)) return null;
  const web = url.protocol.startsWith('http');
  const local = url.hostname === 'localhost' || url.hostname.startsWith('[');
  return web && !local && !url.hostname.includes('.') ? null : schemed;
}

/** The address without what everybody knows. */
export function shortUrl(url: string): string {
  return url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
}
