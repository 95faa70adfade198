import type { Context } from '../context.js';
import { FILES } from '../project.js';
import type { Service } from './compose-grammar.js';

/** Who waits for whom, and how one knows that a service is ready. */
export function checkOrder(context: Context): void {
  const { compose } = context;
  for (const [name, service] of Object.entries(compose.services)) {
    if (!isMigration(service)) checkNamed(context, name, service);
    checkConditions(context, name, service);
    checkHealth(context, name, service);
    checkVolumes(context, name, service);
  }
  checkApp(context);
}

/** It ends by itself. */
export const isMigration = ({ command }: Pick<Service, 'command'>) => command?.join(' ') === 'dist/cli.js migrate';

function checkConditions({ compose, tell }: Context, name: string, service: Service): void {
  for (const [other, { condition }] of Object.entries(service.depends_on)) {
    const path = ['services', name, 'depends_on', other];
    const needed = compose.services[other];
    if (!needed) {
      tell('compose', path, `depend on a service of this file: there is no ${other}`);
      continue;
    }
    const wanted = isMigration(needed) ? 'service_completed_successfully' : 'service_healthy';
    if (condition !== wanted)
      tell('compose', path, `make the condition ${wanted}: with ${condition} ${name} starts before ${other} is ready`);
    if (wanted === 'service_healthy' && (!needed.healthcheck?.test || needed.healthcheck.disable) && needed.build === undefined)
      tell(
        'compose',
        ['services', other],
        `add a healthcheck: ${name} waits until ${other} is healthy, and without one that never comes`,
      );
    if (needed.profiles.length > 0 && service.profiles.length === 0)
      tell('compose', path, `remove profiles from ${other}: ${name} depends on it, and docker compose up would not start it`);
  }
}

/** What a service's variables name must be ready before it. */
function checkNamed({ compose, tell }: Context, name: string, { environment, depends_on: known }: Service): void {
  const hosts = Object.values(environment).flatMap((value) =>
    URL.canParse(String(value)) ? [new URL(String(value)).hostname] : [],
  );
  for (const host of new Set(hosts)) {
    if (host !== name && compose.services[host] && !known[host])
      tell('compose', ['services', name, 'depends_on'], `let ${name} depend on ${host}: it uses it from its first second on`);
  }
}

/** The tables are there before the app. */
function checkApp({ compose, tell }: Context): void {
  const { app } = compose.services;
  if (!app) return;
  const migrations = Object.entries(compose.services).filter(([, service]) => isMigration(service));
  if (migrations.length === 0) tell('compose', ['services'], 'add a service that runs dist/cli.js migrate once, before app');
  for (const [name, service] of migrations) {
    if (!app.depends_on[name])
      tell('compose', ['services', 'app', 'depends_on'], `let app depend on ${name}: its first query needs the tables`);
    const databases = Object.entries(compose.services).filter(([, { image }]) => image?.startsWith('mysql:'));
    for (const [database] of databases) {
      if (!service.depends_on[database])
        tell(
          'compose',
          ['services', name, 'depends_on'],
          `let ${name} depend on ${database}: it would meet a database that does not answer yet`,
        );
    }
  }
}

function checkHealth({ settings, facts, tell, ...context }: Context, name: string, service: Service): void {
  const path = ['services', name, 'healthcheck'];
  const told = (message: string) => tell('compose', [...path, 'test'], message);
  const { test = [], disable } = service.healthcheck ?? {};
  if (disable && !isMigration(service))
    return tell('compose', path, 'remove disable: docker compose up --wait would take a service for ready that only started');
  if (test.length > 0 && test[0] !== 'CMD') told('begin with CMD: a shell in between hides how the command ended');
  checkProbe(service.image ?? '', test, told);
  if (isMigration(service) && !disable)
    tell(
      'compose',
      path,
      `disable the healthcheck of ${name}: the image's own asks a service, and a migration that takes its time would count as sick`,
    );
  if (service.image?.startsWith('mysql:') && !test.some((word) => /^(-h|--host=)127\.0\.0\.1$/.test(word)))
    told(
      'ask MySQL over TCP, with -h127.0.0.1: during its own set-up the server answers on the socket, and nobody else can reach it',
    );
  if (service.build === undefined || isMigration(service) || service.profiles.length > 0) return;
  const [kind, node, program, command, url = ''] = test;
  if ([kind, node, program, command].join(' ') !== 'CMD node dist/cli.js healthcheck' || !URL.canParse(url))
    return told('run node dist/cli.js healthcheck with the URL: the image has no curl');
  const { protocol, port, pathname } = new URL(url);
  const listens = portOf(context.image.environment, settings.container.port, service);
  if (Number(port) !== listens) told(`ask the port ${listens}, on which ${name} listens: it asks ${port}`);
  if (protocol !== 'http:') told(`ask by http: it asks ${url}`);
  if (name !== 'app' && pathname !== '/health') told(`ask /health of ${name}: it asks ${pathname}`);
  if (name !== 'app') return;
  if (!facts.healthRoutes.includes(pathname))
    told(`ask a path of ${FILES.health}: ${facts.healthRoutes.join(', ')}; it asks ${pathname}`);
  else if (pathname !== settings.health.ready)
    told(`ask ${settings.health.ready}: --wait is to be over when the service takes requests; it asks ${pathname}`);
}

/** What tells that a part is ready. */
function checkProbe(image: string, test: readonly string[], told: (message: string) => void): void {
  const [, part = ''] = /^(mysql|redis|valkey)\b/.exec(image) ?? [];
  const wanted = { mysql: 'mysqladmin ping', redis: 'redis-cli ping', valkey: 'valkey-cli ping' }[part];
  if (wanted && test.slice(1, 3).join(' ') !== wanted)
    told(`run ${wanted}, which the image has and which ends with 1 while the server does not answer`);
}

/** The port of a service with our image: its PORT, or the app's. */
export function portOf(image: Readonly<Record<string, string>>, usual: number, { environment }: Service): number {
  return Number(environment['PORT'] ?? image['PORT'] ?? usual);
}

function checkVolumes({ compose, tell }: Context, name: string, service: Service): void {
  for (const [index, volume] of service.volumes.entries()) {
    const [source = '', target] = volume.split(':');
    const path = ['services', name, 'volumes', index];
    if (/^[./~$]/.test(source))
      tell(
        'compose',
        path,
        `remove ${volume}: a folder of the machine would cover what the image has, and the smoke test would not start what is deployed`,
      );
    else if (service.image?.startsWith('mysql:') && target !== '/var/lib/mysql')
      tell('compose', path, `mount ${source} at /var/lib/mysql, where MySQL keeps its data: it is ${target}`);
    else if (!Object.hasOwn(compose.volumes, source)) tell('compose', path, `declare the volume ${source} under volumes`);
  }
}
