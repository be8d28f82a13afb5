// An application for tests: answers the few requests that a project makes on its own.

import { flushSync, tick } from 'svelte';
import type { Changed, Failure, Reply, Request, Row, Snapshot } from '../bindings/app';
import { FakeRoom } from './fake_room';

export const row = (id: string, parent: string | null, order: string, title = id): Row => [
  id, parent, order, 'task', { title: { text: title } },
];

/** Lets what was asked be answered and shown: answers and what hangs on them take a few turns each. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await tick();
  flushSync();
}

export class FakeApplication {
  rows: Row[] = [];
  revision = 1;
  asked: Request[] = [];
  /** Who shares the project. */
  room = new FakeRoom();
  /** Names of the kits. */
  kits: Record<string, string> = {};
  /** What is refused whatever else holds. */
  failing: Partial<Record<Request['kind'], Failure>> = {};
  /** Snapshots wait for this. */
  gate: Promise<void> = Promise.resolve();

  /** Stands in for the network: the http host posts its requests here. */
  fetch = async (_url: string, { body }: { body: string }): Promise<{ text(): Promise<string> }> => {
    const request = JSON.parse(body) as Request;
    this.asked.push(request);
    if (request.kind === 'snapshot') await this.gate;
    return { text: async () => JSON.stringify(this.#reply(request)) };
  };

  #reply(request: Request): { ok: Reply } | { failed: unknown } {
    const failed = this.failing[request.kind];
    if (failed) return { failed };
    try {
      return { ok: this.room.answer(request) ?? this.#answer(request) };
    } catch (thrown) {
      return { failed: thrown };
    }
  }

  #answer(request: Request): Reply {
    if (request.kind === 'snapshot') return { kind: 'snapshot', ...this.#snapshot() };
    if (request.kind === 'readNotices') return { kind: 'notices', entries: [] };
    if (request.kind === 'inspect') {
      return { kind: 'details', node: request.node, createdBy: null, createdAt: 0, fields: [], unmapped: [], links: [], comments: [] };
    }
    if (request.kind === 'readLayout') return { kind: 'layout', layout: null };
    return { kind: 'done' };
  }

  #snapshot(): Snapshot {
    return {
      project: 'p', revision: this.revision, nodes: this.rows, links: [], problems: [], trashCount: 0, author: 'me',
      history: { undo: null, redo: null },
      frame: { name: 'Test', currency: 'EUR', template, people: {}, filters: {}, views: [], kits: this.kits },
    };
  }

  /** What the application would tell of a change that it has made to its rows. */
  changed(nodes: Row[], removed: string[] = [], revisions = 1): Changed {
    const gone = new Set([...removed, ...nodes.map(([id]) => id)]);
    this.rows = [...this.rows.filter(([id]) => !gone.has(id)), ...nodes];
    const since = this.revision;
    this.revision += revisions;
    return {
      project: 'p', since, revision: this.revision, author: 'me', by: null, nodes, removed, links: [], unlinked: [], texts: [],
      comments: [], frame: null, problems: null, trashCount: 0, history: { undo: 'Step', redo: null },
    };
  }
}

const template: Snapshot['frame']['template'] = {
  fields: [
    {
      id: 'title', key: 'title', label: 'Title', kind: 'text', options: [], default: null, required: true, unit: null,
      role: 'title', help: '', targets: [],
    },
  ],
  types: [
    {
      id: 'task', key: 'task', label: 'Task', plural: 'Tasks', icon: 'circle', shape: 'circle', colour: '#888888',
      topLevel: true, children: ['task'], fields: [{ field: 'title', group: '' }], traits: [], score: null,
    },
  ],
};
