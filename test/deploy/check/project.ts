import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as settings from '../../../infra/lib/settings.js';
import * as sizes from '../../../infra/lib/sizes.js';

export type Settings = typeof settings & typeof sizes;

/** Where the pieces of the deployment are; every rule names files by these. */
export const FILES = {
  taskdef: 'taskdef.json',
  appspec: 'appspec.yaml',
  buildspec: 'buildspec.yml',
  settings: 'infra/lib/settings.ts',
  sizes: 'infra/lib/sizes.ts',
  fillIn: 'infra/pipeline/fill-in.ts',
  buildCompose: 'infra/pipeline/compose.yml',
  compose: 'docker-compose.yml',
  dockerfile: 'Dockerfile',
  dockerignore: '.dockerignore',
  packageJson: 'package.json',
  packageLock: 'package-lock.json',
  jestConfig: 'jest.config.mjs',
  database: 'infra/lib/database.ts',
  cache: 'infra/lib/cache.ts',
  readme: 'README.md',
  commands: 'src/commands.ts',
  config: 'src/config/config.ts',
  deliveryMetrics: 'src/delivery/delivery-metrics.ts',
  dependencyMetrics: 'src/health/dependency-metrics.ts',
  emf: 'src/observability/emf.ts',
  health: 'src/health/health.controller.ts',
  healthcheck: 'src/healthcheck.ts',
  http: 'src/http-server.ts',
  log: 'src/observability/log.ts',
  queue: 'src/queue/embedded-queue.ts',
  start: 'src/start.ts',
} as const;

export type FileName = keyof typeof FILES;

/** What is checked: the files' texts, and the infrastructure's settings as they are when imported. */
export interface Project {
  texts: Readonly<Record<FileName, string>>;
  settings: Settings;
  /** Paths that an image or a build may name: what is in the root, in docs/, certificates/, infra/, infra/supply/ and infra/pipeline/, and all files of src/. */
  files: ReadonlySet<string>;
  /** The texts of src/, by path. */
  sources: ReadonlyMap<string, string>;
}

/** Reads the project that lies in `root`. */
export function readProject(root: string): Project {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const texts = Object.fromEntries(Object.entries(FILES).map(([name, path]) => [name, read(path)])) as Project['texts'];
  const sources = new Map(filesIn(root, 'src', true).map((path) => [path, read(path)]));
  const folders = [
    filesIn(root, '.'),
    filesIn(root, 'docs'),
    filesIn(root, 'certificates'),
    // What is installed is not part of the project.
    filesIn(root, 'portal').filter((path) => path !== 'portal/node_modules'),
    filesIn(root, 'infra'),
    filesIn(root, 'infra/supply'),
    filesIn(root, 'infra/pipeline'),
    [...sources.keys()],
  ];
  return { texts, settings: { ...settings, ...sizes }, files: new Set(folders.flat()), sources };
}

function filesIn(root: string, folder: string, recursive = false): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() || (!recursive && entry.isDirectory()))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
