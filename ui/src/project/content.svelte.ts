// What an open project holds, as far as the window has heard. Rows live in plain maps; views depend on
// counters, so that an edit of one node among 100,000 costs the rows that are on screen and no more.
// Everything that is read here is reactive.

import type { Changed, Failure, Frame, HistoryState, Snapshot } from '../bindings/app';
import type {
  Field,
  FieldId,
  FieldOption,
  Link,
  LinkId,
  NodeId,
  NodeType,
  OptionId,
  PersonId,
  Problem,
  Role,
  Value,
} from '../bindings/graph';
import { LinkIndex } from './links';
import { People } from './people.svelte';
import { asShown } from './problem_words';
import { Definitions } from './template';
import { Tree, type Node } from './tree';
import { plainText, type Reader } from './values';

export class Content {
  #tree = new Tree();
  readonly #people = new People();
  #author = '';
  #rows = $state(0);
  #shape = $state(0);
  #frame = $state.raw<Frame | null>(null);
  #definitions = $state.raw(new Definitions({ fields: [], types: [] }));
  #links = $state.raw(new LinkIndex([]));
  #problems = $state.raw<readonly Problem[]>([]);
  #trashCount = $state(0);
  #history = $state.raw<HistoryState>({ undo: null, redo: null });

  /** A live node. The object is the same until the node changes. */
  node(id: NodeId): Node | undefined {
    void this.#rows;
    return this.#tree.nodes.get(id);
  }

  get nodeCount(): number {
    void this.#shape;
    return this.#tree.nodes.size;
  }

  children(parent: NodeId | null): readonly NodeId[] {
    void this.#shape;
    return this.#tree.children(parent);
  }

  /** The tree, for walks. Depends on who stands where, not on values. */
  get tree(): Tree {
    void this.#shape;
    return this.#tree;
  }

  /** Depends on every change of any row: for what looks at all values. */
  get rows(): ReadonlyMap<NodeId, Node> {
    void this.#rows;
    return this.#tree.nodes;
  }

  get frame(): Frame {
    if (!this.#frame) throw new Error('the project is not loaded');
    return this.#frame;
  }

  /** Why nothing can be changed before this program is updated; null: it can, or the project is not loaded. */
  get needsUpdate(): Failure | null {
    return this.#frame?.needsUpdate ?? null;
  }

  /** The nodes that are people. */
  get people(): ReadonlySet<NodeId> {
    return this.#people.ids;
  }

  get definitions(): Definitions {
    return this.#definitions;
  }

  type(id: NodeId): NodeType | undefined {
    const node = this.node(id);
    return node && this.#definitions.types.get(node.type);
  }

  value(id: NodeId, field: FieldId): Value | undefined {
    return this.node(id)?.values[field];
  }

  /** The value in the first field of the node's type with a role. */
  valueOf(id: NodeId, role: Role): Value | undefined {
    const node = this.node(id);
    const field = node && this.#definitions.withRole(node.type, role);
    return field ? node.values[field.id] : undefined;
  }

  /** Never empty: a node without a title is called by its type. */
  title(id: NodeId): string {
    const value = this.valueOf(id, 'title');
    return (value && plainText(value)) || `Untitled ${this.type(id)?.label.toLowerCase() ?? 'item'}`;
  }

  /** What a person is called here. */
  readonly personName = (person: PersonId | null): string =>
    (person !== null && this.#frame?.people[person]?.name) || 'Somebody';

  /** The definition of a field, whichever types have it. */
  field(id: FieldId): Field | undefined {
    return this.frame.template.fields.find((field) => field.id === id);
  }

  get links(): LinkIndex {
    return this.#links;
  }

  readonly problems: readonly Problem[] = $derived.by(() =>
    this.#problems.map((problem) =>
      problem.field === null ? problem : asShown(problem, this.#definitions.fields.get(problem.field), this.reader),
    ),
  );

  /** Problems by the node that they are about. */
  readonly problemsOf: ReadonlyMap<NodeId, readonly Problem[]> = $derived.by(() => {
    const byNode = new Map<NodeId, Problem[]>();
    for (const problem of this.problems) {
      if (problem.node !== null) byNode.set(problem.node, [...(byNode.get(problem.node) ?? []), problem]);
    }
    return byNode;
  });

  /** Whether a node's status says that nobody needs to wait for it any more. */
  isSettled(id: NodeId): boolean {
    const value = this.valueOf(id, 'status');
    const category = value && 'option' in value ? this.option(value.option)?.category : null;
    return category === 'done' || category === 'cancelled';
  }

  /** What one needs to show values of this project. */
  get reader(): Reader {
    return { title: (id) => this.title(id), option: (id) => this.option(id), currency: this.frame.currency };
  }

  get trashCount(): number {
    return this.#trashCount;
  }

  get history(): HistoryState {
    return this.#history;
  }

  /** Author of this window's commands. */
  get author(): string {
    return this.#author;
  }

  option(id: OptionId): FieldOption | undefined {
    return this.#definitions.options.get(id);
  }

  link(id: LinkId): Link | undefined {
    return this.#links.get(id);
  }

  // ---- taking over ----

  /** Becomes what a snapshot says. */
  protected replace(snapshot: Snapshot): void {
    this.#tree = new Tree(snapshot.nodes);
    this.#author = snapshot.author;
    this.#links = new LinkIndex(snapshot.links);
    this.#putFrame(snapshot.frame);
    this.#people.replace(this.#tree.nodes.values(), this.#definitions);
    this.#problems = snapshot.problems;
    this.#trashCount = snapshot.trashCount;
    this.#history = snapshot.history;
    this.#rows++;
    this.#shape++;
  }

  /** Takes over one change. */
  protected update(changed: Changed): void {
    if (changed.frame) this.#putFrame(changed.frame);
    if (this.#tree.absorb(changed.nodes, changed.removed)) this.#shape++;
    if (changed.nodes.length > 0 || changed.removed.length > 0) this.#rows++;
    if (changed.frame) this.#people.replace(this.#tree.nodes.values(), this.#definitions);
    else this.#people.absorb(changed.nodes, changed.removed);
    if (changed.links.length > 0 || changed.unlinked.length > 0) {
      this.#links = this.#links.with(changed.links, changed.unlinked);
    }
    if (changed.problems) this.#problems = changed.problems;
    this.#trashCount = changed.trashCount;
    this.#history = changed.history;
  }

  #putFrame(frame: Frame): void {
    this.#frame = frame;
    this.#definitions = new Definitions(frame.template);
  }
}
