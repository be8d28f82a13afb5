// Values without a place as people read them. They come as they are kept: ids of options and nodes, plain dates. Pure.

import type { Unmapped } from '../../bindings/app';
import type { NodeId, OptionId } from '../../bindings/graph';
import { isoDate } from '../../project/typed/date';
import { showDate } from '../../project/values';

export interface Names {
  /** Of an option; null: it is in the template no more. */
  readonly option: (id: OptionId) => string | null;
  /** Of a node; null: it is deleted. */
  readonly node: (id: NodeId) => string | null;
}

export function unmappedText({ kind, text }: Unmapped, names: Names): string {
  const each = (name: (part: string) => string) => text.split(', ').map(name).join(', ');
  switch (kind) {
    case 'select':
    case 'multiSelect':
      return each((id) => names.option(id) ?? id);
    case 'people':
    case 'nodes':
      return each((id) => names.node(id) ?? 'deleted item');
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) && isoDate(text) !== null ? showDate(text) : text;
    default:
      return text;
  }
}
