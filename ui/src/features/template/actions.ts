// What one can do with the template from any view.

import { giveKeyboardTo } from '../../kit';
import type { Action, Choice } from '../../project/actions.svelte';
import type { Project } from '../../project/project.svelte';
import { editorOf, type Open } from './editor.svelte';
import { KINDS } from './edits';

export function actionsOf(project: Project): Action[] {
  const editor = editorOf(project);
  /** Shows the template, and gives the keyboard to the name of what is opened in it. */
  const show = async (open: () => Open | null | Promise<Open | null>): Promise<void> => {
    project.show('template');
    const opened = await open();
    if (opened === null) return;
    const place = `[data-definition="${CSS.escape(opened.id)}"] input`;
    await giveKeyboardTo(() => document.querySelector<HTMLElement>(place));
  };
  const choice = (kind: Open['kind'], id: string, title: string, look: Partial<Choice>): Choice => ({
    ...look,
    key: id,
    title,
    run: () => show(() => editor.show({ kind, id })),
  });
  return [
    {
      id: 'template.addType',
      title: 'Add an item type',
      group: 'Project',
      icon: 'shapes',
      needs: 'write',
      run: () => show(() => editor.addType()),
    },
    {
      id: 'template.addField',
      title: 'Add a field',
      group: 'Project',
      icon: 'text-cursor-input',
      needs: 'write',
      run: () => show(() => editor.addField()),
    },
    {
      id: 'template.open',
      title: 'Open item type or field…',
      group: 'Project',
      icon: 'shapes',
      choices: () => [
        ...editor.types.map((type) => choice('type', type.id, type.label, { type, place: () => 'Item type' })),
        ...editor.fields.map(({ id, label, kind }) =>
          choice('field', id, label, { icon: KINDS[kind].icon, place: () => 'Field' }),
        ),
      ],
    },
  ];
}
