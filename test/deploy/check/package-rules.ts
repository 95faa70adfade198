import { builtinModules } from 'node:module';
import type { Context } from './context.js';
import { FILES } from './project.js';
import { lineOf } from './text.js';

/** Run by npm before or after an installation, on every machine. */
const INSTALL_HOOKS = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];

/** package.json: one version of Node everywhere, and in the image all that the service imports. */
export function checkPackage(context: Context): void {
  checkNode(context);
  checkScripts(context);
  checkPrograms(context);
  checkDependencies(context);
  checkLock(context);
}

/** engines in package.json leads; all others follow. */
function checkNode(context: Context): void {
  const { project, packageJson, buildspec, image, tell, tellLine } = context;
  const wanted = majorOf(packageJson.engines.node);
  const at = `engines in ${FILES.packageJson}:${lineOf(project.texts.packageJson, '"node": ')}`;
  const runtime = buildspec.phases.install?.['runtime-versions']?.['nodejs'];
  if (String(runtime) !== wanted)
    tell(
      'buildspec',
      ['phases', 'install', 'runtime-versions', 'nodejs'],
      `make nodejs ${wanted}, as ${at}: the tests must run on what the service runs on; it is ${String(runtime ?? 'missing')}`,
    );
  for (const { base, line } of image.stages) {
    if (image.bases.includes(base) && majorOf(base.split(':')[1]) !== wanted)
      tellLine('dockerfile', line, `take node:${wanted}-bookworm-slim, as ${at}: it is ${base}`);
  }
  const [, oldest] = /MIN_VERSION = (\d+)/.exec(project.sources.get('src/node-version.ts') ?? '') ?? [];
  if (oldest !== undefined && oldest !== wanted)
    tell(
      'packageJson',
      ['engines', 'node'],
      `make it >=${oldest}.0.0, the oldest version that src/node-version.ts lets start: it is ${packageJson.engines.node}`,
    );
  for (const list of ['devDependencies', 'optionalDependencies'] as const) {
    for (const [name, version] of Object.entries(packageJson[list])) {
      if (/^(@types\/node|node-linux-\w+)$/.test(name) && majorOf(version) !== wanted)
        tell('packageJson', [list, name], `make ${name} ${wanted}.x, as ${at}: it is ${version}`);
    }
  }
}

const majorOf = (version = '') => /\d+/.exec(version)?.[0];

function checkScripts({ packageJson, tell }: Context): void {
  const { scripts } = packageJson;
  for (const name of INSTALL_HOOKS) {
    if (scripts[name] !== undefined)
      tell(
        'packageJson',
        ['scripts', name],
        `remove ${name}: the image is built with --ignore-scripts, so what it does would be missing there`,
      );
  }
  if (!/\btsc -p tsconfig\.build\.json\b/.test(scripts['build'] ?? ''))
    tell(
      'packageJson',
      ['scripts', 'build'],
      `let build run tsc -p tsconfig.build.json, which makes dist/: ${FILES.dockerfile} runs it`,
    );
  if (!/\bnode (--\S+ )*dist\/main\.js$/.test(scripts['start'] ?? ''))
    tell(
      'packageJson',
      ['scripts', 'start'],
      'let start run dist/main.js with node, as the image does: what is tried out must be what is deployed',
    );
  if (!/\bjest\b/.test(scripts['test'] ?? ''))
    tell(
      'packageJson',
      ['scripts', 'test'],
      `let test run Jest: npm cit in ${FILES.buildspec} runs it, and a test that is not run stops no release`,
    );
  for (const [name, command] of Object.entries(scripts)) {
    if (/\|\||;\s*(true|exit 0)\b|--passWithNoTests/.test(command) && /test|lint|check/.test(name) && !/fix/.test(name))
      tell('packageJson', ['scripts', name], `let ${name} fail: nothing else stops the release`);
  }
}

/** `dist/cli.js` is there if src/cli.ts is. */
function checkPrograms({ project, packageJson, tell }: Context): void {
  for (const [name, command] of Object.entries(packageJson.scripts)) {
    for (const [, source = ''] of command.matchAll(/\bdist\/([\w/-]+)\.js\b/g)) {
      if (!project.files.has(`src/${source}.ts`))
        tell(
          'packageJson',
          ['scripts', name],
          `name a program that the build makes: there is no src/${source}.ts for dist/${source}.js`,
        );
    }
  }
}

/** Static, dynamic, and by `createRequire(…)('name')`; types too, so that one list serves both. */
const IMPORT = /(?:^(?:import|export) (?:[^;]*? from )?|\bimport\(|\)\()'([^'.][^']*)'/gm;

/** What src/ imports is in dependencies: the image has no others. Each has one version. */
function checkDependencies({ project, packageJson, tell }: Context): void {
  const builtIn = new Set(builtinModules);
  const missing = new Map<string, string>();
  for (const [path, text] of project.sources) {
    for (const [, name = ''] of text.matchAll(IMPORT)) {
      const own = name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
      if (!name.startsWith('node:') && !builtIn.has(own) && packageJson.dependencies[own] === undefined) missing.set(own, path);
    }
  }
  for (const [name, path] of missing)
    tell(
      'packageJson',
      ['devDependencies', name],
      `put ${name} into dependencies: ${path} imports it, and the image is installed with --omit=dev`,
    );
  for (const [name, version] of Object.entries(packageJson.dependencies)) {
    if (!/^(npm:.+@)?\d+\.\d+\.\d+$/.test(version))
      tell(
        'packageJson',
        ['dependencies', name],
        `name one version of ${name}, such as 1.2.3: what is tested must be what is deployed; it is ${version}`,
      );
  }
}

/** npm ci ends with an error when the two differ. */
function checkLock({ project, packageJson, tell }: Context): void {
  const lock = JSON.parse(project.texts.packageLock) as { packages?: Record<string, Record<string, Record<string, string>>> };
  const locked = lock.packages?.[''] ?? {};
  for (const list of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    const names = new Set([...Object.keys(packageJson[list]), ...Object.keys(locked[list] ?? {})]);
    for (const name of names) {
      const [has, wanted] = [locked[list]?.[name] ?? 'nothing', packageJson[list][name] ?? 'nothing'];
      if (has !== wanted)
        tell(
          'packageJson',
          [list, name],
          `run npm install and commit ${FILES.packageLock}: it has ${has} for ${name} in ${list}, not ${wanted}, and npm ci refuses that`,
        );
    }
  }
}
