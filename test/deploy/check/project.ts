import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
}

/** Reads the project that lies in `root`. */
export function readProject(root: string): Project {
  const texts = Object.fromEntries(Object.entries(FILES).map(([name, path]) => [name, readFileSync(join(root, path), 'utf8')]));
  return { texts: texts as Project['texts'], settings: { ...settings, ...sizes } };
}
