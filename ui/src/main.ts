import '@fontsource-variable/inter';
import '@fontsource/michroma';
import './kit/tokens.css';
import './kit/base.css';
import './kit/menu.css';

import { mount } from 'svelte';

import Shell from './shell/Shell.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(Shell, { target });
