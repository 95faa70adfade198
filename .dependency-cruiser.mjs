// Who may import whom (ARCHITECTURE.md has the picture). Run by `npm run imports` and by test/structure/imports.test.ts.

/** What every room may use, as these import nothing of ours. */
const GROUND = ['domain', 'config', 'async'];
const PARTS = ['database', 'queue', 'cache', 'release', 'observability'];

/** A room, and the rooms below it that it may import (the ground besides). */
const ROOMS = {
  domain: null,
  config: null,
  async: null,
  observability: [],
  database: ['observability'],
  queue: ['observability'],
  cache: ['observability'],
  release: ['observability'],
  limits: PARTS,
  ingest: PARTS,
  delivery: PARTS,
  health: PARTS,
  dev: [],
  where: ['database'],
  background: [...PARTS, 'ingest'],
  api: [...PARTS, 'limits', 'ingest', 'background'],
};

/** Packages that one room alone knows. */
const OWNERS = {
  typeorm: 'database',
  '@nestjs/typeorm': 'database',
  mysql2: 'database',
  'better-sqlite3': 'database',
  ioredis: 'cache',
  '@aws-sdk/client-kms': 'database/data-keys',
  '@aws-sdk/client-sqs': 'queue',
  '@aws-sdk/client-elastic-load-balancing-v2': 'release',
  'sqs-consumer': 'queue',
  fauxqs: 'queue',
  'prom-client': 'observability',
  '@opentelemetry/api': 'observability',
  '@opentelemetry/exporter-trace-otlp-proto': 'observability',
  '@opentelemetry/resources': 'observability',
  '@opentelemetry/sdk-trace-base': 'observability',
};

/**
 * Resources that are made of another one, and import it: endpoints for operational webhooks are endpoints, an environment is its
 * event types. The OpenAPI document describes the events that operational webhooks carry.
 */
const MADE_OF = { 'operational-webhook': 'endpoint', environment: 'event-type', openapi: 'operational-webhook' };

const anyOf = (names) => `(${names.join('|')})`;
const folders = (names) => `^src/${anyOf(names)}/`;
// A package counts wherever it was found, and also when it is not installed (then its bare name stands for it).
const packages = (names) => `(^|node_modules/(@types/)?)${anyOf(names)}(/|$)`;
const ENTRIES =
  '^src/(main|cli|start|commands|token-commands|erase-command|command-line|demo-beside|demo-command|demo-links|healthcheck|welcome|node-version|app\\.module|http-server)\\.ts$';

/** Controllers outside api say who may call them, and what the document says of them, with the same decorators. */
const ROUTE_DECORATORS = '^src/api/(auth/permission|http-support/operation)\\.ts$';

const rooms = Object.entries(ROOMS).map(([room, below]) => ({
  name: `${room}-imports-only-what-is-below`,
  severity: 'error',
  from: { path: folders([room]) },
  to: {
    path: '^src/[^/]+/',
    pathNot: [folders([room, ...(below ? [...GROUND, ...below] : [])]), ...(room === 'health' ? [ROUTE_DECORATORS] : [])],
  },
}));

const owners = Object.entries(OWNERS).map(([name, room]) => ({
  name: `${name.replace('@', '').replace('/', '-')}-only-in-${room.replace('/', '-')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: folders([room]) },
  to: { path: packages([name]) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...rooms,
    {
      name: 'every-file-has-a-room',
      comment: 'A new folder under src needs its line in ROOMS.',
      severity: 'error',
      from: { path: '^src/', pathNot: [ENTRIES, folders(Object.keys(ROOMS))] },
      to: {},
    },
    {
      name: 'nothing-imports-the-entries',
      comment: 'They start things and put the application together; nobody looks back up.',
      severity: 'error',
      from: { path: '^src/', pathNot: ENTRIES },
      to: { path: ENTRIES },
    },
    {
      name: 'nothing-imports-main-or-cli',
      severity: 'error',
      from: {},
      to: { path: '^src/(main|cli)\\.ts$' },
    },
    {
      name: 'resources-are-siblings',
      comment: 'Folders below api share only api/http-support and api/auth.',
      severity: 'error',
      from: { path: '^src/api/([^/]+)/', pathNot: `^src/api/${anyOf(Object.keys(MADE_OF))}/` },
      to: { path: '^src/api/', pathNot: ['^src/api/$1/', '^src/api/(http-support|auth)/'] },
    },
    ...Object.entries(MADE_OF).map(([resource, part]) => ({
      name: `${resource}-is-made-of-${part}`,
      severity: 'error',
      from: { path: `^src/api/${resource}/` },
      to: { path: '^src/api/', pathNot: `^src/api/${anyOf([resource, part, 'http-support', 'auth'])}/` },
    })),
    ...owners,
    {
      name: 'domain-imports-no-package',
      severity: 'error',
      from: { path: folders(['domain']) },
      to: { pathNot: ['^src/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'config-imports-only-zod',
      severity: 'error',
      from: { path: folders(['config']) },
      to: { pathNot: ['^src/', packages(['zod'])], dependencyTypesNot: ['core'] },
    },
    {
      name: 'only-what-is-shipped',
      comment: 'Neither a package for development nor anything beside src is there in production.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        pathNot: ['^src/', 'node_modules/@types/'],
        dependencyTypes: ['local', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
      },
    },
    { name: 'everything-imported-exists', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-barrels', severity: 'error', from: {}, to: { pathNot: 'node_modules', path: '/index\\.ts$' } },
  ],
  options: {
    // TypeScript 7 has no compiler API to read the sources with; swc has.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
