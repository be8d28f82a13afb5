export { default as Join } from './Join.svelte';
export { isJoining } from './joining';
export { default as Joining } from './Joining.svelte';
export { default as Sharing } from './Sharing.svelte';
