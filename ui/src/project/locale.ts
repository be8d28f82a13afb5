/** The language in which the window writes numbers, dates and lists: that of the system. */
export const locale = readable(new Intl.NumberFormat().resolvedOptions().locale);

/** Without a language a system names the POSIX one, which groups no digits; English is meant. */
export function readable(name: string): string {
  return /posix/i.test(name) ? 'en-US' : name;
}
