// What opens under a trigger costs more than the trigger. Until it is first used only the trigger is there, and looks to
// everybody as it will later.

/** Properties of a trigger whose panel or menu does not exist yet. */
export function asleep(kind: 'dialog' | 'menu', wake: () => void): Record<string, unknown> {
  return {
    'aria-haspopup': kind,
    'aria-expanded': false,
    'data-state': 'closed',
    onclick: wake,
    onkeydown(event: KeyboardEvent) {
      if (kind !== 'menu' || event.key !== 'ArrowDown') return;
      event.preventDefault();
      wake();
    },
  };
}
