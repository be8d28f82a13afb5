// The parts that every screen is made of.

export { autosize } from './autosize';
export { default as Avatar } from './Avatar.svelte';
export { default as Button } from './Button.svelte';
export { default as ContextMenu, type Point } from './ContextMenu.svelte';
export { default as Dialog } from './Dialog.svelte';
export { default as DraftInput } from './DraftInput.svelte';
export { default as EmptyState } from './EmptyState.svelte';
export { default as Hues } from './Hues.svelte';
export { default as Icon } from './Icon.svelte';
export { default as IconButton } from './IconButton.svelte';
export { default as Kbd } from './Kbd.svelte';
export { default as Menu } from './Menu.svelte';
export { isItem, type MenuEntry, type MenuItem } from './menu';
export { HUES, personColour } from './people';
export { default as Popover } from './Popover.svelte';
export { fuzzySearch } from './search';
export { default as SearchList } from './SearchList.svelte';
export { showSize } from './size';
export { default as Skeleton } from './Skeleton.svelte';
export { default as StatusIcon } from './StatusIcon.svelte';
export { default as TextField } from './TextField.svelte';
export { default as Toaster } from './Toaster.svelte';
export { tooltip } from './tooltip';
export { default as TypeIcon } from './TypeIcon.svelte';
export { OVERSCAN, OVERSCAN_AFTER_LEAP, rowsInView, scrollFor } from './virtual';
export { default as VirtualList } from './VirtualList.svelte';
export { default as Visitors } from './Visitors.svelte';
