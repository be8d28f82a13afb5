// The Markdown editor: CodeMirror with the few parts that a note needs, drawn with the window's tokens.

import { defaultKeymap, history, redo, undo } from '@codemirror/commands';
import { markdown } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import {
  Annotation,
  EditorState,
  Transaction,
  type ChangeSet,
  type Extension,
} from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Marks what others wrote, so that it is not sent back to them. */
const theirs = Annotation.define<boolean>();

const highlight = HighlightStyle.define([
  { tag: tags.heading, fontWeight: '600' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.monospace, fontFamily: 'var(--font-mono)', fontSize: '12px' },
  { tag: [tags.link, tags.url], color: 'var(--info)' },
  { tag: tags.quote, color: 'var(--text-2)' },
  { tag: [tags.processingInstruction, tags.contentSeparator], color: 'var(--text-3)' },
]);

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', font: 'var(--body)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'inherit', maxHeight: '50vh' },
  '.cm-content': { padding: '4px 0', caretColor: 'var(--text)', minHeight: '48px' },
  '.cm-line': { padding: '0 8px' },
  '.cm-placeholder': { color: 'var(--text-3)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--info) 35%, transparent)',
  },
});

// The text's own undo first. With nothing left to undo here the keys go on to the project's undo.
const undoKeys = keymap.of([
  { key: 'Mod-z', run: undo },
  { key: 'Mod-y', mac: 'Mod-Shift-z', run: redo },
  { key: 'Mod-Shift-z', run: redo },
]);

export interface EditorEvents {
  typed(changes: ChangeSet): void;
  /** The keyboard went elsewhere. */
  left(): void;
  /** Escape was pressed. */
  done(): void;
}

export function createEditor(
  parent: HTMLElement,
  doc: string,
  labelledby: string,
  events: EditorEvents,
): EditorView {
  const follow = EditorView.updateListener.of((update) => {
    for (const step of update.transactions) {
      if (step.docChanged && !step.annotation(theirs)) events.typed(step.changes);
    }
    if (update.focusChanged && !update.view.hasFocus) events.left();
  });
  const extensions: Extension[] = [
    history(),
    undoKeys,
    keymap.of([
      // Tab moves on.
      { key: 'Escape', run: () => (events.done(), true) },
      ...defaultKeymap,
    ]),
    markdown(),
    syntaxHighlighting(highlight),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      'aria-labelledby': labelledby,
      'aria-multiline': 'true',
      spellcheck: 'true',
    }),
    placeholder('Write Markdown'),
    look,
    follow,
  ];
  return new EditorView({ parent, state: EditorState.create({ doc, extensions }) });
}

/** Brings in what others wrote: the caret stays at its text, the text's own undo skips it. */
export function patchEditor(view: EditorView, changes: ChangeSet): void {
  view.dispatch({
    changes,
    annotations: [theirs.of(true), Transaction.addToHistory.of(false), Transaction.remote.of(true)],
  });
}
