import { inSettings, mistakesIn, type Mistake } from './mistake.js';

const taskdef = mistakesIn('taskdef');
const buildspec = mistakesIn('buildspec');
const dockerfile = mistakesIn('dockerfile');
const dockerignore = mistakesIn('dockerignore');
const packageJson = mistakesIn('packageJson');
const fillIn = mistakesIn('fillIn');

function setting(name: string, path: string, value: unknown, on: string, says: string): Mistake {
  const names = path.split('.');
  const file = names[0] === 'sizes' ? 'sizes' : 'settings';
  return { name: `${path}: ${name}`, plant: inSettings(names, value), file, on, says };
}

/** A fourth list: what the check did not find when two hundred mistakes were tried. */
export const TRIED_MISTAKES: readonly Mistake[] = [
  taskdef(
    'the words of the health check as one',
    '"node", "dist/cli.js", "healthcheck"]',
    '"node dist/cli.js healthcheck"]',
    '"command"',
    'each word by itself',
  ),
  buildspec('a variable in single quotes', 'push "$IMAGE"', "push '$IMAGE'", 'push', 'put double quotes around a variable'),
  dockerfile(
    'a compiler that is not installed',
    'npm ci --ignore-scripts',
    'npm ci --omit=dev --ignore-scripts',
    'npm ci',
    'let this stage install devDependencies too',
  ),
  dockerfile(
    'production before the build',
    'AS build\n',
    'AS build\nENV NODE_ENV=production\n',
    'ENV NODE_ENV',
    'let this stage install devDependencies too',
  ),
  dockerfile('code that is deleted', "-name '*.map'", "-name '*.js'", 'RUN find', 'do not delete *.js'),
  dockerfile(
    'a package that is deleted',
    'rm -rf node_modules/.bin',
    'rm -rf node_modules/.bin node_modules/mysql2',
    'RUN find',
    'do not delete node_modules/mysql2',
  ),
  {
    ...dockerignore(
      'sources that a later line takes out',
      '!test\n',
      '!test\nsrc/**/*.ts\n',
      '',
      'pass all of src: it keeps src/',
    ),
    file: 'dockerfile',
    on: 'COPY src',
  },
  {
    ...dockerignore('certificates by their ending', '!test\n', '!test\n**/*.pem\n', '', 'it keeps certificates/'),
    file: 'dockerfile',
    on: 'COPY certificates',
  },
  packageJson(
    'another package manager',
    '"private": true',
    '"private": true,\n  "packageManager": "pnpm@10.0.0"',
    'packageManager',
    'must be npm',
  ),
  packageJson('workspaces', '    "portal"\n', '    "portal",\n    "infra"\n', 'workspaces', 'must be ["portal"] alone'),
  fillIn('a package', "from 'node:path'", "from 'pathe'", 'pathe', 'do without pathe'),
  setting('an installation that AWS refuses', 'DEFAULT_NAME', 'Posthorn', 'DEFAULT_NAME', 'small letters'),
  setting('a user of RDS', 'database.users.admin', 'rdsadmin', 'users', 'RDS or MySQL has a user'),
  setting('scaling that never comes', 'sizes.small.scaling.memoryPercent', 100, 'scaling', 'from 20 to 90'),
  setting(
    'more connections than memory',
    'sizes.small.database.maxConnections',
    5_000,
    'maxConnections',
    'make maxConnections 341',
  ),
];
