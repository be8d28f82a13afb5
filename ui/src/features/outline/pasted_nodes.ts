// Which types rows get that come without any, so that all of them may stand where they would.

import type { Clipping, Field, FieldId, NodeType, TypeId, Value } from '../../bindings/graph';
import { mintId } from '../../project/ids';
import type { Definitions } from '../../project/template';
import type { PastedRow } from './pasted_text';

export type Typed = { readonly types: readonly TypeId[] } | { readonly refusal: string };

/**
 * One type for each row, for rows beneath a node of the type `parent` (null: at the top). Siblings get the same type where one
 * takes what is beneath each of them: `preferred` at the top of what is pasted, otherwise the first that is allowed.
 */
export function typed(
  rows: readonly PastedRow[],
  definitions: Definitions,
  parent: TypeId | null,
  preferred: TypeId | null,
): Typed {
  const beneath = childrenOf(rows);
  const possible = possibleTypes(rows.length, beneath, definitions.template.types);
  const types: TypeId[] = [];
  const give = (children: readonly number[], allowed: readonly NodeType[], first: TypeId | null): number | null => {
    const fits = (at: number, type: NodeType) => possible[at]?.has(type.id) ?? false;
    const common = allowed.filter((type) => children.every((at) => fits(at, type)));
    const same = common.find(({ id }) => id === first) ?? common[0];
    for (const at of children) {
      const type = same ?? allowed.find((candidate) => fits(at, candidate));
      if (!type) return at;
      types[at] = type.id;
    }
    return null;
  };
  const top = beneath[0] ?? [];
  const misfit = give(top, definitions.allowedUnder(parent), preferred);
  if (misfit !== null) return { refusal: refusal(rows, misfit, definitions, parent) };
  rows.forEach((_, at) => give(beneath[at + 1] ?? [], definitions.allowedUnder(types[at] ?? null), null));
  return { types };
}

/** Rows with their types as something that can be pasted. New nodes have the values that new nodes have. */
export function clippingOf(rows: readonly PastedRow[], types: readonly TypeId[], definitions: Definitions): Clipping {
  const above: number[] = [];
  const nodes = rows.map(({ title, depth }, at) => {
    const nodeType = types[at] ?? '';
    above[depth] = at;
    return {
      parent: depth === 0 ? null : (above[depth - 1] ?? null),
      nodeType,
      values: valuesOf(definitions.fieldsOf(nodeType), title),
      original: mintId(),
    };
  });
  return { fields: [], types: [], nodes, links: [] };
}

function valuesOf(fields: readonly Field[], title: string): [FieldId, Value][] {
  const name = fields.find(({ role }) => role === 'title');
  const defaults = fields.flatMap((field): [FieldId, Value][] =>
    field.default === null || field === name ? [] : [[field.id, field.default]],
  );
  return name ? [[name.id, { text: title }], ...defaults] : defaults;
}

/** Indexes of the rows beneath each row; those at the top come first, the row `at` has its own at `at + 1`. */
function childrenOf(rows: readonly PastedRow[]): number[][] {
  const beneath: number[][] = [[], ...rows.map(() => [])];
  const above: number[] = [];
  rows.forEach(({ depth }, at) => {
    above[depth] = at;
    beneath[depth === 0 ? 0 : (above[depth - 1] ?? -1) + 1]?.push(at);
  });
  return beneath;
}

/** Types that may have beneath them what a row has; from the last row to the first, so that what is beneath is known. */
function possibleTypes(count: number, beneath: readonly number[][], all: readonly NodeType[]): ReadonlySet<TypeId>[] {
  const possible: ReadonlySet<TypeId>[] = [];
  for (let at = count - 1; at >= 0; at--) {
    const children = beneath[at + 1] ?? [];
    const takes = (type: NodeType) =>
      children.every((child) => type.children.some((candidate) => possible[child]?.has(candidate)));
    possible[at] = new Set(all.filter(takes).map(({ id }) => id));
  }
  return possible;
}

function refusal(rows: readonly PastedRow[], at: number, definitions: Definitions, parent: TypeId | null): string {
  const where = parent === null ? 'at the top' : `under ${definitions.types.get(parent)?.label ?? 'this'}`;
  const allowed = definitions.allowedUnder(parent).map(({ label }) => label);
  if (allowed.length === 0) return `Nothing can stand ${where}.`;
  let end = at + 1;
  while ((rows[end]?.depth ?? 0) > 0) end++;
  const levels = Math.max(...rows.slice(at, end).map(({ depth }) => depth));
  const words = levels === 1 ? 'one level' : `${levels} levels`;
  return `“${rows[at]?.title ?? ''}” has ${words} beneath it, and what can stand ${where} takes fewer: ${allowed.join(', ')}.`;
}
