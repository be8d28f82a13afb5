import type { KeysAt } from '../../bindings/app';

/** As the application judges it. */
const SHORTEST = 8;

/** What is missing before a passphrase can be set; null: nothing. */
export function passphraseProblem(next: string, again: string): string | null {
  if ([...next].length < SHORTEST) return `Use at least ${SHORTEST} characters`;
  return next === again ? null : 'Type the same twice';
}

/** Whether a failure is about what was typed. */
export function isOfPassphrase(code: string): boolean {
  return code === 'WRONG_PASSPHRASE' || code === 'PASSPHRASE_TOO_SHORT';
}

/** Says openly where they are. */
export function whereKeysAre(keys: KeysAt): string {
  switch (keys) {
    case 'file':
      return 'They are in a file that only you may read, without a passphrase: whoever can read your files has them.';
    case 'passphrase':
      return 'They are in a file, under a passphrase. Talus Tally asks for it at each start.';
    case 'keychain':
      return 'They are in the keychain of your system, which opens with your session. The folder of your projects does not have them.';
    case 'memory':
      return 'They could not be kept: this computer is another device at each start, until the folder of your projects can be written.';
  }
}
