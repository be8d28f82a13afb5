// A text area that is as tall as its text: `{@attach autosize(() => text)}`.

import type { Attachment } from 'svelte/attachments';

/** `text` is read so that the height follows what is set as well as what is typed. */
export function autosize(text: () => string): Attachment<HTMLTextAreaElement> {
  return (area) => {
    void text();
    const fit = (): void => {
      area.style.height = '0';
      const frame = area.offsetHeight - area.clientHeight;
      area.style.height = `${area.scrollHeight + frame}px`;
    };
    fit();
    // The pane may become narrower.
    const observer = new ResizeObserver(([entry]) => {
      if (entry && Math.abs(entry.contentRect.width - width) > 1) {
        width = entry.contentRect.width;
        fit();
      }
    });
    let width = area.clientWidth;
    observer.observe(area);
    return () => observer.disconnect();
  };
}
