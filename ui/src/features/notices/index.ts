export { default as Bell } from './Bell.svelte';
