const SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** The address of a link that somebody wrote, or null where it is none that the system's browser or mail should open. */
export function safeAddress(written: string): string | null {
  const bare = written.trim().replace(/^<|>$/g, '');
  const schemed =
    /^www\./i.test(bare) ? `https://${bare}`
    : /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(bare) ? `mailto:${bare}`
    : bare;
  if (!URL.canParse(schemed)) return null;
  const url = new URL(schemed);
  return SCHEMES.has(url.protocol) ? url.href : null;
}
