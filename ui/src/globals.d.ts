declare module 'virtual:icons' {
  /** SVG markup of every Lucide icon by name, to stand in a 24 x 24 box. */
  const icons: Readonly<Record<string, string>>;
  export default icons;
}

declare module '*.css';
declare module '@fontsource-variable/inter';
declare module '@fontsource/michroma';
