/** The language in which this window reads and writes numbers and dates. */
export const locale = new Intl.NumberFormat().resolvedOptions().locale;
