// The open project, for every component beneath the shell.

import { createContext } from 'svelte';

import type { Project } from './project.svelte';

export const [getProject, setProject] = createContext<Project>();
