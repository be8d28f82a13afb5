// Everything a person can do, once: palette, menus, shortcuts and the `?` sheet are all drawn from here.

import { SvelteMap } from 'svelte/reactivity';

import type { NodeType } from '../bindings/graph';
import { app } from './app.svelte';
import { parseShortcut, shortcutText } from './keys';
import { toasts } from './toasts.svelte';
import type { Right } from './why_not';

/** In the order in which they are listed. */
export const GROUPS = ['Item', 'Edit', 'Select', 'Go to', 'Project', 'View', 'Help'] as const;

export type ActionGroup = (typeof GROUPS)[number];

/** One of the ways in which an action can be done: a type to convert to, a node to link to. */
export interface Choice {
  readonly key: string;
  readonly title: string;
  /** Drawn beside the title. */
  readonly type?: NodeType | undefined;
  readonly icon?: string;
  /** Colour of the icon. */
  readonly colour?: string;
  /** It is so now. */
  readonly checked?: boolean;
  /** Tells it from others of its title. */
  readonly place?: () => string;
  readonly testid?: string;
  readonly run: () => unknown;
}

/** It is done by `run`, or by whichever of its `choices` one takes. */
export interface Action {
  /** Stable, for settings: `edit.undo`. */
  readonly id: string;
  readonly title: string | (() => string);
  readonly group: ActionGroup;
  /** Default shortcuts; the first is shown. Settings replace them all. */
  readonly keys?: readonly string[];
  /** Name of an icon. */
  readonly icon?: string;
  /** Shortcuts work only within the element with this `data-scope`. Without: everywhere. */
  readonly scope?: string;
  /** Its key is left to the engine, whose own event (`paste`) brings what a key alone may not read. */
  readonly leavesKey?: boolean;
  /** What it needs in the open project; who may not is told so. */
  readonly needs?: Right;
  /** Why it cannot be done now; null: it can. */
  readonly unavailable?: () => string | null;
  readonly run?: () => void | Promise<void>;
  /** What to choose from. The palette asks; a menu shows a short list to the side. */
  readonly choices?: () => readonly Choice[];
}

const NONE: readonly string[] = [];
const MOST_RECENT = 12;

class Actions {
  #all = new SvelteMap<string, Action>();
  /** The action of which a choice is asked for; null: of none. */
  asking = $state.raw<Action | null>(null);

  /** Adds actions for as long as their feature is there. Returns how to take them away. */
  register(actions: readonly Action[]): () => void {
    for (const action of actions) this.#all.set(action.id, action);
    return () => {
      for (const action of actions) if (this.#all.get(action.id) === action) this.#all.delete(action.id);
    };
  }

  all(): Action[] {
    return [...this.#all.values()];
  }

  get(id: string): Action | undefined {
    return this.#all.get(id);
  }

  /** Ids of what was run last, newest first; over restarts too. */
  get recent(): readonly string[] {
    return app.layout.get('recentActions', NONE);
  }

  title(action: Action): string {
    return typeof action.title === 'function' ? action.title() : action.title;
  }

  /** Shortcuts in force: the person's own, or the defaults. */
  keys(action: Action): readonly string[] {
    const own = app.settings.shortcuts[action.id];
    if (own === undefined) return action.keys ?? [];
    const parsed = parseShortcut(own);
    return parsed === null ? [] : [parsed];
  }

  /** What a shortcut means here; scoped actions come before those that work everywhere. */
  withKey(shortcut: string, scopes: readonly string[]): Action | undefined {
    const found = this.all().filter((action) => this.keys(action).includes(shortcut));
    for (const scope of scopes) {
      const inner = found.find((action) => action.scope === scope);
      if (inner) return inner;
    }
    return found.find((action) => action.scope === undefined);
  }

  unavailable(id: string): string | null {
    const action = this.get(id);
    return action ? reason(action) : null;
  }

  /** The first shortcut of an action as people read it, where it has one. */
  hint(id: string): string | undefined {
    const action = this.get(id);
    const keys = action && this.keys(action)[0];
    return keys === undefined ? undefined : shortcutText(keys);
  }

  /** An action as a row of a menu. */
  item(id: string) {
    const action = this.get(id);
    return {
      label: action ? this.title(action) : id,
      icon: action?.icon,
      keys: this.hint(id),
      unavailable: this.unavailable(id),
      run: () => this.run(id),
      testid: `action-${id}`,
    };
  }

  /** An action as a row of a menu whose choices open to the side. */
  submenu(id: string) {
    const choices = this.get(id)?.choices?.() ?? [];
    const item = this.item(id);
    return { ...item, label: item.label.replace(/…$/, ''), run: undefined, items: choices.map((choice) => this.choiceItem(choice)) };
  }

  choiceItem({ title: label, type, icon, colour, checked, testid, run }: Choice) {
    return { label, type, icon, colour, checked, testid, run: () => settled(run) };
  }

  /** Does it, or says why not. */
  run(id: string): void {
    const action = this.get(id);
    if (!action) return;
    const refusal = reason(action);
    if (refusal !== null) {
      toasts.show(refusal, { kind: 'note' });
      return;
    }
    if (this.recent[0] !== id) {
      const others = this.recent.filter((other) => other !== id);
      app.layout.put('recentActions', [id, ...others].slice(0, MOST_RECENT));
    }
    if (action.choices) this.asking = action;
    else if (action.run) settled(action.run);
  }
}

/** Whatever goes wrong in it is said. */
function settled(run: () => unknown): void {
  Promise.resolve(run()).catch((thrown) => toasts.fail(thrown));
}

/** Why an action cannot be done now: who may not need not hear what else is missing. */
function reason({ needs, unavailable }: Action): string | null {
  return (needs && app.project?.whyNot(needs)) ?? unavailable?.() ?? null;
}

export const actions = new Actions();
