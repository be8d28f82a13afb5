// Names of files of this machine, whichever it is.

export const nameOfFile = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

export const isProjectFile = (path: string): boolean => /\.talus$/i.test(nameOfFile(path)) && !nameOfFile(path).startsWith('.');
