// Something large that is made piece by piece, so that a key which is pressed meanwhile is heard between two pieces.

export class Stages {
  #reached = $state(1);

  /** To be made while a component is being made. `count`: how many pieces there are. */
  constructor(count: () => number) {
    $effect(() => {
      if (this.#reached >= count()) return;
      const timer = setTimeout(() => this.#reached++);
      return () => clearTimeout(timer);
    });
  }

  /** Whether the piece at an index, from 0, is to be there. */
  has(index: number): boolean {
    return index < this.#reached;
  }
}
