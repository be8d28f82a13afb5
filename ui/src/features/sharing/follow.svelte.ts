// Going where somebody goes, until one goes somewhere oneself.

import type { NodeId, PersonId } from '../../bindings/graph';
import type { Project } from '../../project/project.svelte';

export class Follow {
  /** Who is followed. */
  person = $state.raw<PersonId | null>(null);
  /** Where following has led. */
  #at: NodeId | null = null;

  constructor(readonly project: Project) {}

  start(person: PersonId): void {
    this.person = person;
    this.#at = this.project.selection.focus;
    this.step();
  }

  stop(): void {
    this.person = null;
  }

  toggle(person: PersonId): void {
    if (this.person === person) this.stop();
    else this.start(person);
  }

  /** Somebody, or this window, has moved. */
  step(): void {
    const { project, person } = this;
    if (person === null) return;
    const followed = project.presence.people.find((one) => one.person === person);
    if (!followed || project.selection.focus !== this.#at) {
      this.stop();
      return;
    }
    const { node } = followed;
    if (node === null || node === this.#at || !project.node(node)) return;
    this.#at = node;
    project.goTo(node);
  }
}

const ofProject = new WeakMap<Project, Follow>();

export function followOf(project: Project): Follow {
  let follow = ofProject.get(project);
  if (!follow) ofProject.set(project, (follow = new Follow(project)));
  return follow;
}
