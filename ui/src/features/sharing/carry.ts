// Changes that are carried in a file, in words. Pure.

import type { Acquaintance, Failure } from '../../bindings/app';
import type { FileKind } from '../../host';
import { counted } from '../../project/counted';
import { ago } from '../../project/when';

export const BUNDLE_FILE: FileKind = { name: 'Talus Tally changes', extensions: ['tallybundle'] };

/** What came of reading a file. */
export type Brought =
  | { readonly kind: 'taken'; readonly packets: number; readonly nodes: number; readonly left: number; readonly isNew: boolean }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** For whom a file can be made: people before relays, each with what they lack. */
export function choicesOf(known: readonly Acquaintance[], now: number): { device: string; title: string; text: string }[] {
  const people = known.filter(({ name }) => name !== null);
  return [...people, ...known.filter(({ name }) => name === null)].map(({ device, name, at, lacks }) => ({
    device,
    title: `What ${name ?? `machine ${device.slice(0, 6)}`} lacks`,
    text: lacks === 0 ? `Had everything that is here, ${ago(at, now)}.` : `${counted(lacks, 'packet')} of changes since ${ago(at, now)}.`,
  }));
}

/** What a file brought. */
export function takenOf({ packets, nodes, left, isNew }: Extract<Brought, { kind: 'taken' }>): string[] {
  const lines: string[] = [];
  if (isNew) lines.push('The project was not on this machine before; it is now, and is shared with whoever the file is from.');
  if (packets === 0 && left === 0) lines.push('Everything in the file was here already.');
  if (packets > 0) {
    const differs = nodes === 0 ? 'no item differs for it' : `${counted(nodes, 'item')} ${nodes === 1 ? 'differs' : 'differ'} for it`;
    lines.push(`${counted(packets, 'packet')} of changes ${packets === 1 ? 'was' : 'were'} new; ${differs}.`);
    lines.push('They go on to everybody who is reached, like any other change.');
  }
  if (left > 0) {
    lines.push(
      `${counted(left, 'packet')} could not be taken in, because the file begins later than what is here. Ask for a file with everything.`,
    );
  }
  return lines;
}

/** A name for a file, without what no system likes in names. */
export function fileName(project: string, person: string | null): string {
  const words = person === null ? `${project} changes` : `${project} for ${person}`;
  return `${words.replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, '-')}.tallybundle`;
}
