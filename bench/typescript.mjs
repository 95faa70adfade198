// Node runs TypeScript as it is, but looks for the very file that an import names: node --import ./bench/typescript.mjs bench/run.ts
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const PROJECT = `${pathToFileURL(resolve(import.meta.dirname, '..')).href}/`;

const [SOURCE, BUILD] = [`${PROJECT}src/`, `${PROJECT}dist/`];

registerHooks({
  resolve(specifier, context, next) {
    const from = context.parentURL ?? '';
    const ours = specifier.startsWith('.') && from.startsWith(PROJECT) && from.endsWith('.ts');
    if (!ours) return next(specifier, context);
    // The service itself has decorators, which Node can't strip: its build is loaded.
    const { href } = new URL(specifier, from);
    return next(href.startsWith(SOURCE) ? href.replace(SOURCE, BUILD) : specifier.replace(/\.js$/, '.ts'), context);
  },
});
