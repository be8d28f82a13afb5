export { default as NameDialog } from './NameDialog.svelte';
export { newProject } from './new_project.svelte';
export { default as Welcome } from './Welcome.svelte';
