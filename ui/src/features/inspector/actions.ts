// What one can do with what the inspector shows, from any view: link, comment, get at a field, mend.

import type { Field, Link, LinkKind, NodeId } from '../../bindings/graph';
import type { Action, Choice } from '../../project/actions.svelte';
import { mintId } from '../../project/ids';
import { nodeChoices, whereabouts } from '../../project/node_choices';
import type { Project } from '../../project/project.svelte';
import { currencyAction } from './currency';
import { fieldGroups, type FieldGroup } from './fields';
import { reach } from './reach';

/** `show` brings the inspector to sight. */
export function actionsOf(project: Project, show: () => void): Action[] {
  return [...linking(project), ...writing(project, show), mending(project), currencyAction(project)];
}

/** The one node that links and comments are about. */
function single(project: Project): NodeId | null {
  const [id, other] = project.selection.shown;
  return id !== undefined && other === undefined && project.node(id) ? id : null;
}

const needsOne = (project: Project) => () => (single(project) === null ? 'Select one item first' : null);

function linking(project: Project): Action[] {
  const to = (id: string, title: string, icon: string, relation: LinkKind, isBlocker: boolean): Action => ({
    id, title, icon,
    needs: 'write',
    group: 'Item',
    unavailable: needsOne(project),
    choices: () => {
      const node = single(project);
      if (node === null) return [];
      const others = [...project.rows.keys()].filter((other) => other !== node);
      return nodeChoices(project, others, (other) => {
        const ends = isBlocker ? { from: other, to: node } : { from: node, to: other };
        return project.apply({ kind: 'link', link: mintId(), relation, ...ends, lag: 0 });
      });
    },
  });
  return [
    to('link.blockedBy', 'Link: is blocked by…', 'octagon-x', 'finishToStart', true),
    to('link.blocks', 'Link: blocks…', 'link', 'finishToStart', false),
    to('link.relatesTo', 'Link: relates to…', 'link-2', 'relatesTo', false),
    {
      id: 'link.remove',
      title: 'Remove link…',
      icon: 'unlink',
      needs: 'write',
      group: 'Item',
      unavailable: () => {
        const node = single(project);
        if (node === null) return 'Select one item first';
        return linksOf(project, node).length > 0 ? null : 'This item has no links';
      },
      choices: () => {
        const node = single(project);
        return node === null ? [] : linksOf(project, node).map((link) => linkChoice(project, node, link));
      },
    },
  ];
}

const linksOf = (project: Project, node: NodeId): Link[] => [...project.links.to(node), ...project.links.from(node)];

function linkChoice(project: Project, node: NodeId, { id, relation, from, to }: Link): Choice {
  const other = from === node ? to : from;
  const side = relation === 'relatesTo' ? 'Relates to' : from === node ? 'Blocks' : 'Is blocked by';
  return {
    key: id,
    title: `${side}: ${project.title(other)}`,
    type: project.type(other),
    place: () => whereabouts(project, other),
    run: () => project.apply({ kind: 'unlink', links: [id] }),
  };
}

function writing(project: Project, show: () => void): Action[] {
  const at = (section: string, place: string) => () => {
    show();
    return reach(project, section, place);
  };
  const groups = (): FieldGroup[] => {
    const types = new Set(project.selection.shown.flatMap((id) => project.type(id) ?? []));
    return fieldGroups([...types], project.definitions);
  };
  const placeOf = (field: Field) => `[data-testid="inspector-field"][data-field="${CSS.escape(field.key)}"]`;
  return [
    {
      id: 'node.comment',
      title: 'Comment',
      icon: 'message-square',
      needs: 'comment',
      group: 'Item',
      unavailable: needsOne(project),
      run: at('Comments', '[data-testid="comment-new"]'),
    },
    {
      id: 'node.field',
      title: 'Go to field…',
      icon: 'text-cursor-input',
      group: 'Go to',
      unavailable: () => {
        if (project.selection.shown.length === 0) return 'Select an item first';
        return groups().length > 0 ? null : 'These types have no field in common';
      },
      choices: () =>
        groups().flatMap(({ name, fields }) =>
          fields.map((field) => ({ key: field.id, title: field.label, run: at(name, placeOf(field)) })),
        ),
    },
  ];
}

/** The ways out of what is wrong with the node, as the list of problems offers them. */
function mending(project: Project): Action {
  const fixes = (): Choice[] => {
    const node = single(project);
    return project.problems
      .filter((problem) => node !== null && problem.node === node)
      .flatMap(({ message, fixes }) =>
        fixes.map(({ label, command }) => ({
          key: `${message} ${label}`,
          title: label,
          icon: 'wrench',
          place: () => message,
          run: () => project.apply(command),
        })),
      );
  };
  return {
    id: 'node.fix',
    title: 'Fix a problem…',
    icon: 'wrench',
    needs: 'write',
    group: 'Item',
    unavailable: () => {
      if (single(project) === null) return 'Select one item first';
      return fixes().length > 0 ? null : 'Nothing is wrong with this item';
    },
    choices: fixes,
  };
}
