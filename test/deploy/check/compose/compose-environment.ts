import { BadConfiguration, loadConfig } from '../../../../src/config/config.js';
import { variables } from '../../../../src/config/variables.js';
import type { Context } from '../context.js';
import { FILES } from '../project.js';
import type { Service } from './compose-grammar.js';
import { checkUsers } from './user-rules.js';
import { isMigration, portOf } from './order-rules.js';

/** Read by the AWS SDK. */
const AWS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** The environment of the services: names and values that the app knows, and addresses of services that are there. */
export function checkComposeEnvironment(context: Context): void {
  const { compose } = context;
  const named = namesIn(context);
  const served = new Set([...Object.keys(variables.shape), ...AWS]);
  for (const [name, service] of Object.entries(compose.services)) {
    if (service.build === undefined) continue;
    checkAddresses(context, name, service);
    checkTestValues(context, name, service);
    if (service.profiles.length > 0) continue;
    checkNames(context, name, service, name === 'app' ? served : named);
    if (name === 'app' || isMigration(service)) checkValues(context, name, service);
  }
  checkUsers(context);
}

/** What a line of src/config/variables.ts, or of a file with a part of it, declares. */
const DECLARED = /^ {2}([A-Z][A-Z0-9_]+): /gm;
/** What a command reads by itself. */
const READ = /\benv(?:ironment)?\.([A-Z][A-Z0-9_]+)\b/g;

/** Commands read a few variables that the service does not. */
function namesIn({ project }: Context): Set<string> {
  const files = [...project.sources].filter(([file]) => /^src\/config\/[a-z-]*variables\.ts$/.test(file));
  const declared = files.flatMap(([, text]) => [...text.matchAll(DECLARED)]);
  const read = [...project.sources.values()].flatMap((text) => [...text.matchAll(READ)]);
  return new Set([...[...declared, ...read].map(([, name]) => name!), ...AWS]);
}

function checkNames({ tell }: Context, name: string, { command, environment }: Service, known: ReadonlySet<string>): void {
  const host = environment['HOST'] ?? (command ? '127.0.0.1' : '0.0.0.0');
  if (!isMigration({ command }) && host !== '0.0.0.0')
    tell('compose', ['services', name, 'environment', 'HOST'], `listen on 0.0.0.0: on ${host} no other service reaches ${name}`);
  for (const variable of Object.keys(environment)) {
    if (!known.has(variable))
      tell(
        'compose',
        ['services', name, 'environment', variable],
        `remove or rename ${variable}: ${name === 'app' ? 'the service reads no such variable' : 'no command reads such a variable'} (src/config/variables.ts)`,
      );
  }
}

/** The tests are given what the service has, as `TEST_` and the variable's name. */
function checkTestValues({ compose, tell }: Context, name: string, { environment }: Service): void {
  for (const [variable, value] of Object.entries(environment)) {
    const wanted = compose.services['app']?.environment[variable.replace(/^TEST_/, '')];
    if (variable.startsWith('TEST_') && wanted !== undefined && value !== wanted)
      tell(
        'compose',
        ['services', name, 'environment', variable],
        `make ${variable} ${wanted}, the app's ${variable.replace(/^TEST_/, '')}: the service takes no other`,
      );
  }
}

/** What the service does is the same here as on ECS; only its addresses and secrets are others. */
const SAME = ['NODE_ENV', 'ROLES', 'MIGRATE_ON_START'] as const;

function checkValues({ image, settings, settingsAt, tell }: Context, name: string, { environment }: Service): void {
  for (const variable of SAME) {
    const [has, wanted] = [environment[variable], settings.environment[variable]];
    if (has !== undefined && has !== wanted)
      tell(
        'compose',
        ['services', name, 'environment', variable],
        `make ${variable} ${wanted}, as ${settingsAt('environment', variable)} has it: it is ${has}`,
      );
  }
  const values = Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, filled(value)]));
  try {
    loadConfig({ ...image.environment, ...values }, () => {
      throw new BadConfiguration([`NODE_ENV must be production in the image (${FILES.dockerfile}).`]);
    });
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    for (const fault of error.faults)
      tell('compose', ['services', name, 'environment', fault.split(' ')[0]!], `the app refuses to start: ${fault}`);
  }
}

/** As Docker fills it in if nobody sets the variable: `${NAME:-this}`. */
function filled(value: unknown): string {
  return String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

/** People open it in a browser on the machine that runs the containers. */
function checkPublicUrl({ compose, tell }: Context, name: string, value: unknown): void {
  const port = compose.services['app']?.ports[0]?.replace(/^127\.0\.0\.1:/, '').replace(/:\d+$/, '');
  const wanted = `http://localhost:${port}`;
  if (value !== wanted)
    tell(
      'compose',
      ['services', name, 'environment', 'PUBLIC_URL'],
      `make PUBLIC_URL ${wanted}, where app is published: it is ${String(value)}`,
    );
}

function checkAddresses(context: Context, name: string, { environment }: Service): void {
  const { compose, tell } = context;
  const listens = (service: Service) => portOf(context.image.environment, context.settings.container.port, service);
  for (const [variable, value] of Object.entries(environment)) {
    const text = String(value);
    if (variable === 'PUBLIC_URL') checkPublicUrl(context, name, value);
    if (variable === 'PUBLIC_URL' || !/^(mysql|rediss?|https?):/.test(text) || !URL.canParse(text)) continue;
    const url = new URL(text);
    const told = (message: string) => tell('compose', ['services', name, 'environment', variable], message);
    const service = compose.services[url.hostname];
    if (!service)
      told(`name a service of this file in ${variable}: there is no ${url.hostname}, and localhost is the container itself`);
    else if (url.protocol.startsWith('redis')) checkCache(url, service, told);
    else if (url.protocol === 'mysql:') checkDatabase(url, service, told);
    else if (service.build !== undefined && Number(url.port || 80) !== listens(service))
      told(`name the port ${listens(service)}, on which ${url.hostname} listens, in ${variable}: it is ${url.port || 80}`);
  }
  checkQueues(context, name, environment);
}

function checkCache(url: URL, { image = '' }: Service, told: (message: string) => void): void {
  if (!/^(redis|valkey)\b/.test(image)) told(`name the cache in the URL: ${url.hostname} is none`);
  if (url.port !== '' && url.port !== '6379') told(`name the port 6379, on which ${url.hostname} listens: it is ${url.port}`);
}

function checkDatabase(url: URL, { environment, image }: Service, told: (message: string) => void): void {
  if (!image?.startsWith('mysql:')) return told(`name the database in the URL: ${url.hostname} is none`);
  if (url.port !== '' && url.port !== '3306') told(`name the port 3306, on which ${url.hostname} listens: it is ${url.port}`);
  const { MYSQL_DATABASE, MYSQL_USER, MYSQL_PASSWORD, MYSQL_ROOT_PASSWORD } = environment;
  // Who makes users needs no database.
  const named = url.pathname.length > 1;
  if (named && MYSQL_DATABASE !== undefined && url.pathname !== `/${MYSQL_DATABASE}`)
    told(`name the database ${MYSQL_DATABASE}, which ${url.hostname} makes: it is ${url.pathname.slice(1)}`);
  const passwords: Readonly<Record<string, unknown>> = {
    root: MYSQL_ROOT_PASSWORD,
    ...(MYSQL_USER !== undefined && { [MYSQL_USER]: MYSQL_PASSWORD }),
  };
  const wanted = passwords[url.username];
  if (named && MYSQL_DATABASE === undefined)
    told(`set MYSQL_DATABASE of ${url.hostname}: without it there is no database ${url.pathname.slice(1)}`);
  if (MYSQL_USER !== undefined && MYSQL_PASSWORD === undefined)
    told(`set MYSQL_PASSWORD of ${url.hostname}: without it the server makes no ${MYSQL_USER}`);
  if (!MYSQL_ROOT_PASSWORD) told(`set MYSQL_ROOT_PASSWORD of ${url.hostname}: without it the server does not start`);
  if (wanted !== undefined && url.password !== wanted)
    told(`give ${url.username} the password that ${url.hostname} is made with`);
}

function checkQueues({ tell }: Context, name: string, environment: Service['environment']): void {
  if (environment['SQS_QUEUE_URL'] !== undefined) {
    for (const variable of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      if (!environment[variable])
        tell(
          'compose',
          ['services', name, 'environment', variable],
          `set ${variable}: the AWS SDK sends nothing without it, not even to an emulator`,
        );
    }
  }
  const { SQS_QUEUE_URL: queue, SQS_DLQ_URL: dead } = environment;
  if (queue !== undefined && dead !== undefined && dead !== `${queue}-dlq`)
    tell(
      'compose',
      ['services', name, 'environment', 'SQS_DLQ_URL'],
      `make it ${queue}-dlq, the dead-letter queue of SQS_QUEUE_URL: it is ${dead}`,
    );
}
