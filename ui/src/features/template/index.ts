export { default as View } from './View.svelte';
