class Emptying {
  /** The trash is to be emptied, once the view has shown what is in it and asked. */
  isAsked = $state(false);
}

export const emptying = new Emptying();
