import { expect, it } from 'vitest';

import { choicesOf, fileName, takenOf } from './carry';

const taken = { kind: 'taken', packets: 0, nodes: 0, left: 0, isNew: false } as const;

it('offers people before relays, each with what they lack', () => {
  const known = [
    { device: 'b'.repeat(64), name: null, at: 0, lacks: 0 },
    { device: 'a'.repeat(64), name: 'Ana', at: 0, lacks: 3 },
  ];
  expect(choicesOf(known, 5_000)).toEqual([
    { device: 'a'.repeat(64), title: 'What Ana lacks', text: '3 packets of changes since just now.' },
    { device: 'b'.repeat(64), title: 'What machine bbbbbb lacks', text: 'Had everything that is here, just now.' },
  ]);
});

it.each([
  [taken, ['Everything in the file was here already.']],
  [{ ...taken, packets: 1, nodes: 1 }, ['1 packet of changes was new; 1 item differs for it.', 'They go on to everybody who is reached, like any other change.']],
  [{ ...taken, packets: 2, nodes: 0 }, ['2 packets of changes were new; no item differs for it.', 'They go on to everybody who is reached, like any other change.']],
  [{ ...taken, left: 4 }, ['4 packets could not be taken in, because the file begins later than what is here. Ask for a file with everything.']],
])('says what %j brought', (brought, lines) => {
  expect(takenOf(brought)).toEqual(lines);
});

it('says that a project is new here', () => {
  expect(takenOf({ ...taken, packets: 9, nodes: 5, isNew: true })[0]).toContain('not on this machine before');
});

it('names files as every system allows', () => {
  expect(fileName('Hull: A/B', null)).toBe('Hull- A-B changes.tallybundle');
  expect(fileName('Hull', 'Ana')).toBe('Hull for Ana.tallybundle');
});
