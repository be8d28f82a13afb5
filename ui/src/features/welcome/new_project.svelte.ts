// A project that is about to be made.

import type { TemplateSummary } from '../../bindings/app';

class NewProject {
  /** Of what, while its name is asked for; null: none is being made. */
  template = $state.raw<TemplateSummary | null>(null);
}

export const newProject = new NewProject();
