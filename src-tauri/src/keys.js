// WebKitGTK calls Shift+Tab "Unidentified"; everything in the page goes by the name of a key.
for (const kind of ['keydown', 'keyup']) {
  addEventListener(
    kind,
    (event) => {
      if (event.key === 'Unidentified' && event.code === 'Tab') Object.defineProperty(event, 'key', { value: 'Tab' });
    },
    true,
  );
}
