let covers = 0;

/** Something that was opened is in front of the page, until what comes back is called. */
export function coverPage(): () => void {
  covers += 1;
  show();
  return () => {
    covers -= 1;
    show();
  };
}

function show(): void {
  document.getElementById('app')?.toggleAttribute('data-covered', covers > 0);
}
