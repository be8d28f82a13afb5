// Kits: prepared subtrees that can be inserted as often as one likes.

import type { KitId, NodeId } from '../../bindings/graph';
import { mintId } from '../../project/ids';
import type { Project } from '../../project/project.svelte';
import { insertAt } from './insert';
import { placesFor } from './places';

class Kits {
  /** Nodes that are to become a kit, while its name is asked for; null: none are. */
  saving = $state.raw<readonly NodeId[] | null>(null);
}

export const kits = new Kits();

/** The kit that has the name, whatever the case. Saving under its name replaces it. */
export function kitNamed(kits: { readonly [kit: KitId]: string }, name: string): KitId | null {
  const same = (other: string) => other.localeCompare(name.trim(), undefined, { sensitivity: 'accent' }) === 0;
  return Object.keys(kits).find((kit) => same(kits[kit] ?? '')) ?? null;
}

export async function saveKit(project: Project, name: string, nodes: readonly NodeId[]): Promise<boolean> {
  const kit = kitNamed(project.frame.kits, name) ?? mintId();
  return (await project.apply({ kind: 'saveKit', kit, name: name.trim(), nodes: [...nodes] })) !== null;
}

/** Beside the focused node or beneath it, whichever can take it. Rejects with the first refusal when neither can. */
export async function insertKit(project: Project, kit: KitId): Promise<void> {
  let refusal: unknown;
  for (const place of placesFor(project, project.selection.focus)) {
    try {
      await insertAt(project, place, { kind: 'applyKit', kit, place, seed: mintId() });
      return;
    } catch (thrown) {
      refusal ??= thrown;
    }
  }
  throw refusal;
}
