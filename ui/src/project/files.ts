// Names of files of this machine, whichever it is.

export const nameOfFile = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** What others changed, on a stick or in a message. */
export const isChangesFile = (path: string): boolean => /\.tallybundle$/i.test(path);

export const isProjectFile = (path: string): boolean => /\.talus$/i.test(nameOfFile(path)) && !nameOfFile(path).startsWith('.');
