// The currency that amounts of money are in.

import type { Action } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import { locale } from './locale';

const names = new Intl.DisplayNames(locale, { type: 'currency' });

export const currencies: readonly string[] = Intl.supportedValuesOf('currency');

export const currencyName = (code: string): string => names.of(code) ?? '';

export function putCurrency(project: Project, currency: string): Promise<unknown> {
  return project.apply({ kind: 'setProject', name: null, currency });
}

export function currencyAction(project: Project): Action {
  return {
    id: 'project.currency',
    title: 'Change currency…',
    group: 'Project',
    icon: 'coins',
    needs: 'write',
    choices: () =>
      currencies.map((code) => ({
        key: code,
        title: `${code} ${currencyName(code)}`,
        icon: 'coins',
        checked: code === project.frame.currency,
        run: () => putCurrency(project, code),
      })),
  };
}
