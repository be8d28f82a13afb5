import { expect, test } from 'vitest';
import type { Attachment, Holder } from '../bindings/app';
import { holdersText, stageText } from './holders';

const holder = (name: string | null, isLinked = false, isMe = false): Holder => ({ name, isMe, isLinked });
const missing = (...holders: Holder[]): Attachment => ({ blob: 'b', stage: { kind: 'missing' }, holders });

test('those who have it are named', () => {
  expect(holdersText([holder('Ana')])).toBe('Ana has it');
  expect(holdersText([holder('Ana'), holder('Ben'), holder(null)])).toBe('Ana and Ben have it');
  const many = ['Ana', 'Ben', 'Cleo', 'Dan'].map((name) => holder(name));
  expect(holdersText(many)).toBe('Ana, Ben and 2 others have it');
  expect(holdersText([holder('Ana'), holder('Me', false, true)])).toBe('Another machine of yours and Ana have it');
  expect(holdersText([holder(null, true)])).toBe('A relay has it');
  expect(holdersText([])).toBe('Nobody here is known to have it');
});

test('who is there is waited for, and who is away is said', () => {
  expect(stageText(missing(holder('Ana')))).toBe('Not here yet: Ana has it');
  expect(stageText(missing(holder('Ana', true)))).toBe('Waits for its turn: Ana has it');
  const failure = { code: 'ATTACHMENT_QUOTA', message: 'No room.', detail: null };
  expect(stageText({ blob: 'b', stage: { kind: 'failed', failure }, holders: [] })).toBe('No room.');
});
