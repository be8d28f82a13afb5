// What is asked before something that cannot be taken back. Pure.

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What happens to what is there already, in lines. */
  readonly consequences: readonly string[];
  /** What the button says. */
  readonly act: string;
  readonly isDanger: boolean;
  readonly run: () => Promise<void>;
}

const KEPT = 'What was on that computer stays there and stays readable: nothing can be fetched back.';

export const removing = (name: string, run: () => Promise<void>): Question => ({
  title: `Remove ${name}?`,
  text: `${name} is cut off at once, and gets nothing that is written from now on.`,
  consequences: [KEPT, 'A new key begins: what is written from now on is sealed under it.', 'No invitation brings the computer back; an owner can let it in again.'],
  act: 'Remove',
  isDanger: true,
  run,
});

export const handingOver = (name: string, run: () => Promise<void>): Question => ({
  title: `Hand the project over to ${name}?`,
  text: `${name} becomes an owner, and you an editor.`,
  consequences: ['You cannot take this back: afterwards only an owner says who may do what.'],
  act: 'Hand over',
  isDanger: true,
  run,
});

export const promoting = (name: string, run: () => Promise<void>): Question => ({
  title: `Make ${name} an owner?`,
  text: 'An owner says who may do what, and can remove everybody else, you too.',
  consequences: [],
  act: 'Make owner',
  isDanger: false,
  run,
});

export const leaving = (run: () => Promise<void>): Question => ({
  title: 'Leave the project?',
  text: 'This computer is no member any more, and gets nothing that others write from now on.',
  consequences: ['What is here stays here; you can duplicate it to go on by yourself.', 'Only an owner can let you in again.'],
  act: 'Leave',
  isDanger: true,
  run,
});

export const readmitting = (name: string, role: string, run: () => Promise<void>): Question => ({
  title: `Let ${name} in again?`,
  text: `${name} is a ${role} from then on, and gets what was written meanwhile.`,
  consequences: ['The same computer, with the key that it had: nothing has to be sent. It comes as soon as it reaches somebody who is in.'],
  act: 'Let in again',
  isDanger: false,
  run,
});

export const revoking = (what: string, run: () => Promise<void>): Question => ({
  title: 'Take the invitation back?',
  text: `Nobody joins by it any more (${what}). Who has joined stays a member.`,
  consequences: ['Whoever has the invitation could read what was sealed for it, so a new key begins.'],
  act: 'Take back',
  isDanger: true,
  run,
});

export const changingKey = (run: () => Promise<void>): Question => ({
  title: 'Change the key?',
  text: 'What is written from now on is sealed under a new key, which all members get by themselves.',
  consequences: ['What was written before stays readable for everybody who could read it.'],
  act: 'Change the key',
  isDanger: false,
  run,
});
