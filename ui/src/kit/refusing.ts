// What cannot be used now says why: to the pointer, to the keyboard, and to whoever hears the window.

import { createAttachmentKey, type Attachment } from 'svelte/attachments';
import { tooltip } from './tooltip';

/** For an element that has a tooltip of its own: the reason is heard with its name. */
export const described =
  (reason: string | null | undefined): Attachment<HTMLElement> =>
  (element) => {
    if (!reason) return;
    element.setAttribute('aria-description', reason);
    return () => element.removeAttribute('aria-description');
  };

/** The reason is heard, and seen in a tooltip. */
const saying =
  (reason: string): Attachment<HTMLElement> =>
  (element) => {
    const undo = [described(reason)(element), tooltip(reason)(element)];
    return () => undo.forEach((each) => each?.());
  };

/** Properties of a text that is not to be changed; none while it may be. */
export function reading(reason: string | null): Record<string | symbol, unknown> {
  return reason === null ? {} : { readonly: true, [createAttachmentKey()]: saying(reason) };
}

/** Properties of a control that takes nothing; none while it can be used. */
export function refusing(reason: string | null): Record<string | symbol, unknown> {
  return reason === null ? {} : { 'aria-disabled': true, [createAttachmentKey()]: saying(reason) };
}
