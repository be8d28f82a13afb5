// What a menu holds. Plain data, so that menus can be made from actions and tested without a window.

import type { NodeType } from '../bindings/graph';

export interface MenuItem {
  readonly label: string;
  readonly run?: () => void;
  readonly icon?: string | undefined;
  /** Colour of the icon. */
  readonly colour?: string;
  /** Drawn instead of an icon. */
  readonly type?: NodeType | undefined;
  /** Shortcut as people read it. */
  readonly keys?: string | undefined;
  /** Why it cannot be chosen now. */
  readonly unavailable?: string | null;
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly testid?: string;
  readonly items?: readonly MenuEntry[];
}

export type MenuEntry = MenuItem | { readonly heading: string } | 'line';

export const isItem = (entry: MenuEntry): entry is MenuItem => typeof entry === 'object' && 'label' in entry;
