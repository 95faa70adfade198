import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** A running Posthorn, for `npm run dev -w portal`. */
const SERVICE = process.env['POSTHORN_URL'] ?? 'http://127.0.0.1:3000';

/** Console pages are another document: the dev server is told so here, the service by its routes. */
const consolePages = {
  name: 'console-pages',
  configureServer(server: {
    middlewares: { use(handler: (request: { url?: string }, answer: unknown, next: () => void) => void): void };
  }) {
    server.middlewares.use((request, _answer, next) => {
      if (/^\/console(\/|\?|$)/.test(request.url ?? '')) request.url = '/portal/console.html';
      next();
    });
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/portal/',
  plugins: [consolePages, react()],
  // Named apart from what the root's build removes.
  cacheDir: resolve(import.meta.dirname, '../.cache/vite'),
  build: {
    target: 'es2023',
    outDir: resolve(import.meta.dirname, '../.cache/portal/new'),
    emptyOutDir: true,
    // The Content-Security-Policy has no data: for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    reportCompressedSize: false,
    // build.mjs has a limit of its own.
    chunkSizeWarningLimit: 2_000,
    rollupOptions: {
      input: Object.fromEntries(['index', 'console', 'docs'].map((name) => [name, resolve(import.meta.dirname, `${name}.html`)])),
    },
  },
  server: { proxy: { '/api': SERVICE, '/portal/settings.json': SERVICE } },
});
