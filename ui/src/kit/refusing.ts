// A control that cannot be used now, and says why: to the pointer, to the keyboard and to whoever hears the window.

import { createAttachmentKey } from 'svelte/attachments';
import { tooltip } from './tooltip';

/** Properties of an element that takes nothing; none while it can be used. */
export function refusing(reason: string | null): Record<string | symbol, unknown> {
  if (reason === null) return {};
  return { 'aria-disabled': true, 'aria-description': reason, [createAttachmentKey()]: tooltip(reason) };
}
