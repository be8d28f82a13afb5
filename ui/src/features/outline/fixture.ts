// A small project for tests, drawn as an indented list: `job Brakes` beneath `phase Chassis`.

import type { Row } from '../../bindings/app';
import type { NodeType } from '../../bindings/graph';
import { FoldState } from '../../project/fold';
import { Definitions } from '../../project/template';
import { Tree } from '../../project/tree';
import { visibleRows } from './rows';

const type = (id: string, topLevel: boolean, children: string[]): NodeType => ({
  id, key: id, label: id[0]?.toUpperCase() + id.slice(1), plural: `${id}s`, icon: 'circle', shape: 'circle',
  colour: '#888888', topLevel, children, fields: [], traits: [], score: null,
});

export const definitions = new Definitions({
  fields: [],
  types: [type('phase', true, ['job']), type('job', false, ['task', 'job']), type('task', false, [])],
});

/** Ids are the titles. */
export function treeOf(text: string): Tree {
  const rows: Row[] = [];
  const path: string[] = [];
  for (const line of text.split('\n').filter((drawn) => drawn.trim() !== '')) {
    const depth = (line.length - line.trimStart().length) / 2;
    const [kind = '', id = ''] = line.trim().split(' ');
    path.length = depth;
    rows.push([id, path[depth - 1] ?? null, String(rows.length).padStart(4, '0'), kind, {}]);
    path.push(id);
  }
  return new Tree(rows);
}

export const open = new FoldState({ rule: 'open', except: [] });
export const rowsOf = (tree: Tree, folded: string[] = []) =>
  visibleRows(tree, new FoldState({ rule: 'open', except: folded }), null);
