declare module 'virtual:icons' {
  /** SVG markup, to stand in a 24 x 24 box, of the icons that our sources and templates name. */
  const icons: Readonly<Record<string, string>>;
  export default icons;
}

declare module 'virtual:icons/all' {
  /** The same of every Lucide icon. */
  const icons: Record<string, string>;
  export default icons;
}

declare module '*.css';
declare module '@fontsource-variable/inter';
declare module '@fontsource/michroma';
