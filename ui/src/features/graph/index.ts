export { actionsOf } from './actions';
export { default as View } from './View.svelte';
