// What the canvas shows now: the scope, its picture, and where the cards stand once that is known.

import type { NodeId } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';
import { Arranger } from './arranger';
import type { Positions } from './card';
import { picture, type Picture, type Scope } from './scope';

const WHOLE: Scope = { kind: 'project' };

export class Canvas {
  #positions = $state.raw<Positions>({});
  /** The picture that the positions belong to. */
  #drawn = $state.raw<Picture | null>(null);
  #drawnScope = $state.raw<Scope>(WHOLE);
  #asked: { picture: Picture; scope: Scope } | null = null;
  #arranger = new Arranger((positions) => {
    this.#positions = positions;
    this.#drawn = this.#asked?.picture ?? null;
    this.#drawnScope = this.#asked?.scope ?? WHOLE;
  });

  readonly scope: Scope = $derived.by(() => {
    const scope = this.project.layout.get<Scope>('graph.scope', WHOLE);
    return scope.kind === 'project' || this.project.tree.nodes.has(scope.node) ? scope : WHOLE;
  });

  readonly picture: Picture = $derived.by(() => {
    const { tree, links } = this.project;
    const shape = {
      has: (node: NodeId) => tree.nodes.has(node),
      parent: (node: NodeId) => tree.nodes.get(node)?.parent ?? null,
      children: (node: NodeId | null) => tree.children(node),
    };
    return picture(this.scope, shape, [...links.all()]);
  });

  /** The card that Tab leads to. */
  readonly entry: NodeId | undefined = $derived.by(() => {
    const focus = this.project.selection.focus;
    return focus !== null && this.#positions[focus] ? focus : this.#drawn?.cards[0];
  });

  constructor(readonly project: Project) {}

  get positions(): Positions {
    return this.#positions;
  }

  /** The picture that stands; null until the first drawing is there. */
  get drawn(): Picture | null {
    return this.#drawn;
  }

  /** The scope of what is drawn. */
  get drawnScope(): Scope {
    return this.#drawnScope;
  }

  open(scope: Scope): void {
    this.project.layout.put('graph.scope', scope);
  }

  /** One level up: from a subtree to its parent's, at last to the whole project. */
  up(): void {
    if (this.scope.kind === 'project') return;
    const parent = this.project.node(this.scope.node)?.parent ?? null;
    const subtree = this.scope.kind === 'subtree' && parent !== null;
    this.open(subtree ? { kind: 'subtree', node: parent } : WHOLE);
  }

  /** Asks for a drawing of the picture as it is now. */
  draw(): void {
    const { picture, scope } = this;
    this.#asked = { picture, scope };
    this.#arranger.ask(picture);
  }

  close(): void {
    this.#arranger.close();
  }
}
