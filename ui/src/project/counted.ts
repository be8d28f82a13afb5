import { locale } from './locale';

const amount = new Intl.NumberFormat(locale);

/** `1 change`, `1,250 changes`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${amount.format(count)} ${count === 1 ? one : many}`;
