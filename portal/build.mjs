// Builds the pages of portal and console into dist/portal. What was built from the same sources before is only copied.

import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '..');
const CACHE = join(ROOT, '.cache/portal');
const TARGET = join(ROOT, 'dist/portal');
/** What a browser loads before the first page is there: JavaScript after gzip. */
const BUDGET_BYTES = 200 * 1024;
/** The page behind each entry that a visitor sees first. */
const FIRST = {
  'index.html': 'src/pages/overview/overview.page.tsx',
  'console.html': 'src/pages/console/health/health.page.tsx',
};
/** Builds that are kept: switching between branches stays fast. */
const KEPT = 5;

/** The name of what these sources make: a hash of all of them, and of the versions of all packages. */
function nameOfBuild() {
  const hash = createHash('sha256').update(process.version);
  const files = globSync('portal/**/*', { cwd: ROOT, exclude: (name) => name === 'node_modules' }).filter((file) =>
    statSync(join(ROOT, file)).isFile(),
  );
  for (const file of [...files, 'package-lock.json'].sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** The JavaScript that an entry loads at once, with its first page: every chunk that is imported without waiting. */
function initialBytes(folder, entry) {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const found = new Set();
  const add = (name) => {
    const chunk = manifest[name];
    if (!chunk || found.has(chunk.file)) return;
    found.add(chunk.file);
    for (const other of chunk.imports ?? []) add(other);
  };
  add(entry);
  add(FIRST[entry]);
  return [...found]
    .filter((file) => file.endsWith('.js'))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
}

function checkBudget(folder) {
  for (const entry of Object.keys(FIRST)) {
    const bytes = initialBytes(folder, entry);
    const text = `${(bytes / 1024).toFixed(1)} KB of JavaScript (gzip) of at most ${BUDGET_BYTES / 1024} for the first page of ${entry}`;
    if (bytes > BUDGET_BYTES) throw new Error(`Too much: ${text}. Load what the first page does not need later.`);
    process.stdout.write(`portal: ${text}\n`);
  }
}

/** Compressed once here, not for each request. */
function compress(folder) {
  for (const file of readdirSync(join(folder, 'assets'))) {
    if (!/\.(js|css|svg)$/.test(file)) continue;
    const path = join(folder, 'assets', file);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

async function build(folder) {
  const { build: run } = await import('vite');
  const made = `${folder}.${process.pid}`;
  await run({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn', build: { outDir: made } });
  checkBudget(made);
  rmSync(join(made, 'manifest.json'));
  compress(made);
  rmSync(folder, { recursive: true, force: true });
  // Last, and at once: a build that was interrupted is never taken for a finished one.
  renameSync(made, folder);
  forgetOld(folder);
}

function forgetOld(current) {
  const builds = readdirSync(CACHE).map((name) => join(CACHE, name));
  const oldest = builds.filter((path) => path !== current).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of oldest.slice(KEPT - 1)) rmSync(path, { recursive: true, force: true });
}

const folder = join(CACHE, nameOfBuild());
mkdirSync(CACHE, { recursive: true });
if (!existsSync(folder)) await build(folder);
rmSync(TARGET, { recursive: true, force: true });
cpSync(folder, TARGET, { recursive: true });
