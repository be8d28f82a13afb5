// A tooltip for any element: `{@attach tooltip('Undo', 'Ctrl Z')}`. One bubble for the whole window.

import type { Attachment } from 'svelte/attachments';

const DELAY_MS = 450;

let bubble: HTMLElement | null = null;
let owner: Element | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function tooltip(text: string | null | undefined, keys?: string | undefined): Attachment<HTMLElement> {
  return (element) => {
    if (!text) return;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => show(element, text, keys), DELAY_MS);
    };
    const focused = () => {
      if (element.matches(':focus-visible')) soon();
    };
    const away = () => hide(element);
    const events: [string, () => void][] = [
      ['pointerenter', soon],
      ['focus', focused],
      ['pointerleave', away],
      ['blur', away],
      ['pointerdown', away],
    ];
    for (const [name, handler] of events) element.addEventListener(name, handler);
    return () => {
      for (const [name, handler] of events) element.removeEventListener(name, handler);
      hide(element);
    };
  };
}

function show(element: HTMLElement, text: string, keys: string | undefined): void {
  if (!element.isConnected) return;
  bubble ??= document.body.appendChild(Object.assign(document.createElement('div'), { className: 'tooltip' }));
  bubble.role = 'tooltip';
  bubble.replaceChildren(text);
  if (keys) bubble.append(Object.assign(document.createElement('kbd'), { textContent: keys }));
  bubble.hidden = false;
  owner = element;
  const at = element.getBoundingClientRect();
  const { width, height } = bubble.getBoundingClientRect();
  const below = at.bottom + 6 + height < innerHeight;
  const left = Math.max(6, Math.min(innerWidth - width - 6, at.left + at.width / 2 - width / 2));
  bubble.style.left = `${Math.round(left)}px`;
  bubble.style.top = `${Math.round(below ? at.bottom + 6 : at.top - height - 6)}px`;
  addEventListener('keydown', escape, true);
}

function hide(element: Element): void {
  clearTimeout(timer);
  if (owner !== element || !bubble) return;
  owner = null;
  bubble.hidden = true;
  removeEventListener('keydown', escape, true);
}

function escape(event: KeyboardEvent): void {
  if (event.key === 'Escape' && owner) hide(owner);
}
