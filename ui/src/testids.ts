// Where the tests of the real window take hold: values of `data-testid`. A literal in a component is as good as an
// import; a story that asks for an id which is not listed here fails at once.

export const testIds = [
  // The window that says why the program cannot start
  'refusal-message',
  'refusal-code',
  // Welcome screen
  'welcome',
  'template-card', // one per built-in template, with data-key; a click asks for the name
  'sample-card', // one per sample, with data-key; a click makes and opens it
  'recent-project', // one per project, with data-project
  'open-file',
  'project-name-input', // in the dialog that asks for the name
  'project-create', // its button
  // First run
  'me-name',
  'me-done',
  // Frame of an open project
  'project-name',
  'rail-outline',
  'rail-graph',
  'rail-problems',
  'rail-trash',
  'rail-template',
  'view-outline',
  'view-graph',
  'view-problems',
  'view-trash',
  'view-template',
  'save-state', // with data-state: saved, saving, unsaved
  'undo',
  'redo',
  'toast',
  'toast-action',
  // Palette
  'palette',
  'palette-input',
  'palette-item',
  // Outline
  'outline', // the scrolling element, role treegrid
  'outline-row', // role row, with data-node, aria-level, aria-selected
  'outline-title', // text of a row
  'outline-rename', // the input in a row
  'outline-find', // the input of find
  // Inspector
  'inspector',
  'inspector-field', // one per field, with data-field (key of the field)
  'inspector-unmapped',
  // Graph, problems, trash
  'graph-node', // one per card, with data-node
  'problem', // one per problem
  'trash-item',
  'trash-restore',
  // Settings
  'settings',
  'theme-system',
  'theme-dark',
  'theme-light',
  'theme-highContrast',
] as const;

export type TestId = (typeof testIds)[number];
