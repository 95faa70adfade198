// Node runs TypeScript as it is, but looks for the very file that an import names: node --import ./bench/typescript.mjs bench/run.ts
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const PROJECT = `${pathToFileURL(resolve(import.meta.dirname, '..')).href}/`;

registerHooks({
  resolve(specifier, context, next) {
    const from = context.parentURL ?? '';
    const ours = specifier.startsWith('.') && from.startsWith(PROJECT) && from.endsWith('.ts');
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
