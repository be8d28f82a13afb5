// State of the outline of one project: rows, columns, and the row that is being typed in. It outlives the
// view, so that one finds the outline as one left it.

import type { FieldId, NodeId, TypeId, Value } from '../../bindings/graph';
import { mintId } from '../../project/ids';
import type { Project } from '../../project/project.svelte';
import { toasts } from '../../project/toasts.svelte';
import { defaultColumns, fittingColumns, liveColumns, type Column } from './columns';
import { notAllowed } from './drop';
import { Find } from './find.svelte';
import { indentFor } from './indent';
import { spotOf, visibleRows, withRow, type Place, type Rows } from './rows';

/** A row that does not exist until its title is entered: one command, one undo step. */
export interface Draft {
  readonly id: NodeId;
  readonly type: TypeId;
  readonly place: Place;
  /** The draft before, beneath which this one goes, until its node has arrived. */
  readonly after: Draft | null;
  /** What stands in it at first. */
  readonly text: string;
}

export class Outline {
  readonly find: Find;
  /** The node whose title is being edited in place. */
  renaming = $state.raw<NodeId | null>(null);
  draft = $state.raw<Draft | null>(null);
  /** Nodes that were cut and wait to be pasted. */
  cut = $state.raw<ReadonlySet<NodeId>>(new Set());
  /** Puts the keyboard on the grid; set while it is on screen. */
  focusGrid: () => void = () => {};

  readonly #tree = $derived.by(() => {
    const { tree, fold, root } = this.project;
    return visibleRows(tree, fold, root);
  });
  readonly rows: Rows = $derived.by(() => {
    const draft = this.draft;
    if (!draft) return this.#tree;
    const { index, level } = this.#spot(this.#tree, draft);
    return withRow(this.#tree, index, draft.id, level);
  });
  /** Width of the grid; the view measures it. */
  width = $state(Infinity);
  /** As they were left; null: nobody has chosen any. */
  readonly #remembered = $derived.by(() => this.project.layout.get<readonly Column[] | null>('columns', null));
  /** Columns that were chosen. */
  readonly columns: readonly Column[] = $derived.by(() => {
    const { definitions } = this.project;
    return liveColumns(this.#remembered ?? defaultColumns(definitions), definitions);
  });

  /** Columns that have room. */
  readonly shownColumns: readonly Column[] = $derived.by(() => fittingColumns(this.columns, this.width));

  /** Room for the titles. */
  readonly titleWidth: number = $derived.by(
    () => this.width - this.shownColumns.reduce((sum, column) => sum + column.width, 0),
  );

  /** Width of one level in pixels. */
  readonly indent: number = $derived.by(() => indentFor(this.titleWidth, this.rows.deepest));

  constructor(readonly project: Project) {
    this.find = new Find(project);
  }

  putColumns(columns: readonly Column[]): void {
    this.project.layout.put('columns', columns);
  }

  hasColumn(field: FieldId): boolean {
    return this.columns.some((column) => column.field === field);
  }

  /** With a column for it, the status need not stand beside every title. */
  readonly hasStatusColumn: boolean = $derived.by(() =>
    this.shownColumns.some(({ field }) => this.project.definitions.fields.get(field)?.role === 'status'),
  );

  /** The title as it is stored; null: nodes of this type have none. */
  titleText(id: NodeId): string | null {
    const node = this.project.node(id);
    const field = node && this.project.definitions.withRole(node.type, 'title');
    const value = field ? node.values[field.id] : undefined;
    return field ? (value && 'text' in value ? value.text : '') : null;
  }

  rename(id: NodeId): void {
    if (this.#refuses()) return;
    if (this.titleText(id) === null) {
      toasts.show('Items of this type have no title. Give the type a title field first.', { kind: 'note' });
      return;
    }
    this.draft = null;
    this.project.reveal(id);
    this.renaming = id;
  }

  /** Opens a row to type in. */
  startDraft(type: TypeId, place: Place): void {
    if (this.#refuses()) return;
    this.renaming = null;
    if (place.parent !== null) {
      this.project.reveal(place.parent);
      this.project.setFolded([place.parent], false);
    }
    this.draft = { id: mintId(), type, place, after: null, text: '' };
  }

  /** Moves the draft a level in or out; its type changes when only another is allowed there. */
  shiftDraft(inwards: boolean, text: string): void {
    const { draft, project } = this;
    const place = draft && (inwards ? this.#inwards(draft.place) : this.#outwards(draft.place));
    if (!draft || !place) return;
    const parent = place.parent === null ? null : (project.node(place.parent)?.type ?? null);
    const { definitions } = project;
    const type = definitions.allows(parent, draft.type) ? draft.type : definitions.allowedUnder(parent)[0]?.id;
    if (type === undefined) {
      toasts.show(notAllowed(definitions, parent, draft.type), { kind: 'note' });
      return;
    }
    if (place.parent !== null) project.setFolded([place.parent], false);
    this.draft = { ...draft, type, place, after: null, text };
  }

  #inwards({ parent, at }: Place): Place | null {
    const siblings = this.project.children(parent);
    const above =
      at === 'first' ? undefined
      : at === 'last' ? siblings.at(-1)
      : 'after' in at ? at.after
      : siblings[siblings.indexOf(at.before) - 1];
    return above !== undefined && this.project.node(above) ? { parent: above, at: 'last' } : null;
  }

  #outwards({ parent }: Place): Place | null {
    if (parent === null || parent === this.project.root) return null;
    return { parent: this.project.node(parent)?.parent ?? null, at: { after: parent } };
  }

  async commitRename(id: NodeId, title: string): Promise<void> {
    this.renaming = null;
    const { project } = this;
    const node = project.node(id);
    if (!node) {
      const who = project.removedBy(id) ?? 'Somebody else';
      toasts.show(`${who} has deleted the item whose title was being typed. It is in the trash.`, { kind: 'note', details: [title] });
      return;
    }
    const field = project.definitions.withRole(node.type, 'title');
    if (!field || title === this.titleText(id)) return;
    await project.apply({ kind: 'setField', nodes: [id], field: field.id, value: title === '' ? null : { text: title } });
  }

  /** Creates what was drafted. With `another`, the next row opens beneath it at once. */
  async commitDraft(title: string, another: boolean): Promise<void> {
    const { project, draft } = this;
    if (!draft) return;
    if (title.trim() === '') {
      this.draft = null;
      return;
    }
    const { id, type, place } = draft;
    const next: Place = { parent: place.parent, at: { after: id } };
    this.draft = another ? { id: mintId(), type, place: next, after: draft, text: '' } : null;
    const field = project.definitions.withRole(type, 'title');
    const values: [FieldId, Value][] = field ? [[field.id, { text: title }]] : [];
    const applied = await project.apply({ kind: 'createNode', node: id, nodeType: type, place, values });
    if (applied) project.selection.only(id);
    else this.draft = { ...draft, text: title };
  }

  /** Says why nothing is written here, if so. */
  #refuses(): boolean {
    const { whyNotWrite } = this.project;
    if (whyNotWrite !== null) toasts.show(whyNotWrite, { kind: 'note' });
    return whyNotWrite !== null;
  }

  /** Where a draft is drawn: at its place, or as near as what has arrived allows. */
  #spot(rows: Rows, draft: Draft): { index: number; level: number } {
    const { at } = draft.place;
    const neighbour = typeof at === 'string' ? null : 'after' in at ? at.after : at.before;
    if (neighbour !== null && draft.after !== null && !rows.ids.includes(neighbour)) return this.#spot(rows, draft.after);
    return spotOf(rows, draft.place);
  }
}

const outlines = new WeakMap<Project, Outline>();

/** The outline of a project. */
export function outlineOf(project: Project): Outline {
  let outline = outlines.get(project);
  if (!outline) outlines.set(project, (outline = inRoot(() => new Outline(project))));
  return outline;
}

/** What is made derives for as long as it is used, not only while the component lives that asked first. */
function inRoot<T>(make: () => T): T {
  let made!: T;
  $effect.root(() => {
    made = make();
  });
  return made;
}
