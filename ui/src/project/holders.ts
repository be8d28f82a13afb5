// Who has what is not here, in words.

import type { Attachment, Holder } from '../bindings/app';

/** `Ana has it`, `Ana and Ben have it`, `Ana, Ben and 2 others have it`. */
export function holdersText(holders: readonly Holder[]): string {
  const names = holders.filter(({ name, isMe }) => name !== null && !isMe).map(({ name }) => name as string);
  if (holders.some(({ isMe }) => isMe)) names.unshift('another machine of yours');
  if (names.length === 0 && holders.length > 0) return 'A relay has it';
  if (names.length === 0) return 'Nobody here is known to have it';
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} others`] : names;
  const list = shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown[0] ?? '';
  return `${list.charAt(0).toUpperCase()}${list.slice(1)} ${names.length > 1 ? 'have' : 'has'} it`;
}

/** What stands below the name of an attachment that is not here. */
export function stageText({ stage, holders }: Attachment): string {
  switch (stage.kind) {
    case 'here':
      return '';
    case 'missing':
      return holders.some(({ isLinked }) => isLinked)
        ? `Waits for its turn: ${holdersText(holders)}`
        : `Not here yet: ${holdersText(holders)}`;
    case 'coming':
      return `Coming: ${holdersText(holders)}`;
    case 'stopped':
      return `Not fetched: ${holdersText(holders)}`;
    case 'failed':
      return stage.failure.message;
  }
}
