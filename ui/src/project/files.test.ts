import { expect, it } from 'vitest';

import { isChangesFile, isProjectFile, nameOfFile } from './files';

it.each([
  ['/home/ana/My plan.talus', 'My plan.talus', true],
  ['C:\\Plans\\Boat.TALUS', 'Boat.TALUS', true],
  ['/home/ana/plan.talus.pdf', 'plan.talus.pdf', false],
  ['/home/talus/notes', 'notes', false],
  ['/home/ana/.talus', '.talus', false],
])('knows the file %s', (path, name, isProject) => {
  expect([nameOfFile(path), isProjectFile(path)]).toEqual([name, isProject]);
});

it.each([
  ['/media/stick/Hull for Ana.tallybundle', true],
  ['C:\\Hull changes.TALLYBUNDLE', true],
  ['/home/ana/plan.talus', false],
])('knows whether %s brings changes', (path, isChanges) => {
  expect(isChangesFile(path)).toBe(isChanges);
});
