// What opens under a trigger costs more than the trigger. Until it is first used only the trigger is there, and looks to
// everybody as it will later.

import { tick } from 'svelte';
import { coverPage } from './cover';

export class Waking {
  /** Whether there is more than the trigger. */
  isAwake = $state(false);
  /** The trigger of what is awake: whoever closes what opened gets the keyboard back there. */
  trigger = $state<HTMLElement | null>(null);

  /** To be made while a component is being made. */
  constructor(
    private readonly kind: 'dialog' | 'menu',
    isOpen: () => boolean,
    private readonly open: () => void,
  ) {
    // A command opens it as well.
    $effect.pre(() => {
      if (isOpen()) this.isAwake = true;
    });
    $effect(() => (isOpen() ? coverPage() : undefined));
  }

  /** Properties of the trigger until then. */
  get asleep(): Record<string, unknown> {
    return {
      'aria-haspopup': this.kind,
      'aria-expanded': false,
      'data-state': 'closed',
      onclick: this.#wake,
      onkeydown: (event: KeyboardEvent) => {
        if (this.kind !== 'menu' || event.key !== 'ArrowDown') return;
        event.preventDefault();
        this.#wake();
      },
    };
  }

  #wake = async (): Promise<void> => {
    this.isAwake = true;
    await tick();
    this.trigger?.focus();
    this.open();
  };
}
