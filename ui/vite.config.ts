import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

import { lucideIcons } from './vite.icons.ts';

export default defineConfig({
  plugins: [svelte(), lucideIcons()],
  clearScreen: false,
  server: { port: 5173, strictPort: true, host: '127.0.0.1' },
  build: {
    target: ['es2023', 'safari17'],
    // One window, loaded from disk: few large files beat many small ones.
    chunkSizeWarningLimit: 2000,
    assetsInlineLimit: 2048,
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
  // Under vitest the browser build of Svelte is wanted, whose runes work without a component.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
});
