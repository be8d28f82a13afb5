export { default as Inspector } from './Inspector.svelte';
export { actionsOf } from './actions';
