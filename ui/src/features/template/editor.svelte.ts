// What the template editor has open, and its way to the project.

import type { Command, Field, FieldId, NodeType, TypeId } from '../../bindings/graph';
import { isFailure } from '../../host/answer';
import { mintId } from '../../project/ids';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { keyAfter, livingDefault, newField, newType, pluralAfter } from './edits';

export type Open = { kind: 'type'; id: TypeId } | { kind: 'field'; id: FieldId };

export class TemplateEditor {
  /** Why the last change was refused, and of what. */
  #refused = $state.raw<{ what: string; reason: string } | null>(null);
  #open = $state.raw<Open | null>(null);

  constructor(readonly project: Project) {}

  /** Why nothing of the template can be changed here; null: it can. */
  get whyNot(): string | null {
    return this.project.whyNotWrite;
  }

  get types(): readonly NodeType[] {
    return this.project.definitions.template.types;
  }

  get fields(): readonly Field[] {
    return this.project.definitions.template.fields;
  }

  /** What is open; the first type until something is chosen. */
  get open(): Open | null {
    const { definitions } = this.project;
    const open = this.#open;
    const lives =
      open && (open.kind === 'type' ? definitions.types : definitions.fields).has(open.id);
    if (lives) return open;
    const [first] = this.types;
    return first ? { kind: 'type', id: first.id } : null;
  }

  show(open: Open): Open {
    this.#refused = null;
    return (this.#open = open);
  }

  refusal(what: string): string | null {
    return this.#refused?.what === what ? this.#refused.reason : null;
  }

  refuse(what: string, reason: string): false {
    this.#refused = { what, reason };
    return false;
  }

  forgive(): void {
    this.#refused = null;
  }

  /** Sends a change; a refusal is shown beside `what`. Answers whether it was accepted. */
  async send(command: Command, what: string): Promise<boolean> {
    try {
      await this.project.attempt(command);
      this.#refused = null;
      return true;
    } catch (thrown) {
      return this.refuse(what, isFailure(thrown) ? thrown.message : String(thrown));
    }
  }

  putField(field: Field, change: Partial<Field>, what: string): Promise<boolean> {
    const next = { ...field, ...change };
    return this.send({ kind: 'putField', field: { ...next, default: livingDefault(next) } }, what);
  }

  putType(nodeType: NodeType, change: Partial<NodeType>, what: string): Promise<boolean> {
    return this.send({ kind: 'putType', nodeType: { ...nodeType, ...change } }, what);
  }

  relabelField(field: Field, label: string): Promise<boolean> {
    const others = this.fields.filter(({ id }) => id !== field.id).map(({ key }) => key);
    return this.putField(field, { label, key: keyAfter(field, label, others) }, 'label');
  }

  relabelType(type: NodeType, label: string): Promise<boolean> {
    const others = this.types.filter(({ id }) => id !== type.id).map(({ key }) => key);
    const [key, plural] = [keyAfter(type, label, others), pluralAfter(type, label)];
    return this.putType(type, { label, key, plural }, 'label');
  }

  /** Adds a field and opens it. Answers what it opened; null: it was refused. */
  async addField(): Promise<Open | null> {
    const field = newField(
      mintId(),
      'New field',
      this.fields.map(({ key }) => key),
    );
    return (await this.send({ kind: 'putField', field }, 'list')) ? this.show({ kind: 'field', id: field.id }) : null;
  }

  /** Adds a node type and opens it. Answers what it opened; null: it was refused. */
  async addType(): Promise<Open | null> {
    const keys = this.types.map(({ key }) => key);
    const nodeType = newType(mintId(), 'New type', keys, this.fields);
    return (await this.send({ kind: 'putType', nodeType }, 'list')) ? this.show({ kind: 'type', id: nodeType.id }) : null;
  }

  async removeField({ id, label }: Field): Promise<void> {
    if (await this.send({ kind: 'removeField', field: id }, 'head')) {
      this.#removed(label, 'Its values are kept and return with it.');
    }
  }

  async removeType({ id, label }: NodeType): Promise<void> {
    if (await this.send({ kind: 'removeType', nodeType: id }, 'head')) {
      this.#removed(label, 'Its items stay and are listed under Problems.');
    }
  }

  #removed(label: string, what: string): void {
    toasts.show(`“${label}” was removed. ${what}`, {
      ofStep: true,
      action: { label: 'Undo', run: this.project.undo },
    });
  }
}

const editors = new WeakMap<Project, TemplateEditor>();

/** The editor of a project, which commands open something in before it is shown. */
export function editorOf(project: Project): TemplateEditor {
  let editor = editors.get(project);
  if (!editor) editors.set(project, (editor = new TemplateEditor(project)));
  return editor;
}
