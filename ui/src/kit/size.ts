/** A file's size in the unit that reads best. */
export function showSize(bytes: number, locale?: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const at = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)),
  );
  const amount = bytes / 1000 ** at;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[at] ?? 'byte',
    maximumFractionDigits: amount < 10 && at > 0 ? 1 : 0,
  }).format(amount);
}
