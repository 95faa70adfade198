import type { Context } from '../context.js';
import { unexpectedKeys, type Keys, type Reasons } from '../expected-keys.js';
import { FILES } from '../project.js';
import { checkComposeEnvironment } from './compose-environment.js';
import { checkOrder } from './order-rules.js';
import { checkImage, checkOverride } from './part-rules.js';
import { checkPorts } from './port-rules.js';

const HOME = 'test/deploy/check/compose/compose-rules.ts';
const TOP: Keys = { name: true, services: true, volumes: true };
const SERVICE: Keys = {
  build: { context: true, target: true },
  cap_drop: true,
  command: true,
  depends_on: true,
  environment: true,
  healthcheck: { test: true, interval: true, timeout: true, retries: true, start_period: true, disable: true },
  hostname: true,
  image: true,
  mem_limit: true,
  ports: true,
  profiles: true,
  read_only: true,
  security_opt: true,
  stop_grace_period: true,
  tmpfs: true,
  volumes: true,
};

const AS_IN_TASK = 'the container is to run here as it does on ECS, where taskdef.json says nothing like it';
const REASONS: Reasons = {
  cap_add: AS_IN_TASK,
  container_name: 'a second installation on the same machine could not start',
  entrypoint: "the Dockerfile's ENTRYPOINT starts the service, here as on ECS",
  env_file: 'the values are in environment, where this check compares them',
  links: 'the services are in one network and know each other by name',
  networks: 'the services are in one network, which Docker makes by itself',
  network_mode: AS_IN_TASK,
  pid: AS_IN_TASK,
  platform: 'the machine decides, and the build names --platform itself',
  privileged: AS_IN_TASK,
  restart: 'a service that crashes must be seen: docker compose up --wait would go on waiting for it',
  user: AS_IN_TASK,
};

/** docker-compose.yml: the same image as on ECS, beside parts of the versions that production has. */
export function checkCompose(context: Context): void {
  const { compose, tell } = context;
  for (const { path, message } of unexpectedKeys(withoutTemplates(compose), TOP, REASONS, HOME)) tell('compose', path, message);
  for (const [name, service] of Object.entries(compose.services)) {
    const found = unexpectedKeys(service, SERVICE, REASONS, HOME);
    for (const { path, message } of found) tell('compose', ['services', name, ...path], message);
    checkImage(context, name, service);
  }
  if (!compose.services['app'])
    tell('compose', ['services'], `call the service app: ${FILES.buildspec} starts and asks it by that name`);
  checkSame(context);
  checkOverride(context);
  checkOrder(context);
  checkPorts(context);
  checkComposeEnvironment(context);
}

/** Without `x-…`, from which services take what they have in common. */
function withoutTemplates(compose: object): object {
  return Object.fromEntries(Object.entries(compose).filter(([name]) => !name.startsWith('x-')));
}

/** The least memory of a container in which the service starts. */
const MIN_MEMORY = 256;

/** The container's limits are those of the task definition. */
function checkSame({ compose, container, settings, tell }: Context): void {
  const { app } = compose.services;
  if (!app) return;
  const path = ['services', 'app'];
  if (app.read_only !== container.readonlyRootFilesystem)
    tell(
      'compose',
      [...path, 'read_only'],
      `make read_only ${container.readonlyRootFilesystem}, as ${FILES.taskdef} has it: a write that ECS refuses must fail here too`,
    );
  if (!app.cap_drop.includes('ALL')) tell('compose', [...path, 'cap_drop'], `drop ALL, as ${FILES.taskdef} does`);
  if (!app.tmpfs.some((mount) => mount.split(':')[0] === settings.writable.tmp))
    tell('compose', [...path, 'tmpfs'], `add ${settings.writable.tmp} to tmpfs, the one place that the app writes to`);
  const [, count = '0', unit = ''] = /^(\d+)(s|m)$/.exec(app.stop_grace_period ?? '10s') ?? [];
  if (Number(count) * (unit === 'm' ? 60 : 1) !== settings.container.stopTimeout)
    tell(
      'compose',
      [...path, 'stop_grace_period'],
      `make stop_grace_period ${settings.container.stopTimeout} s, as stopTimeout in ${FILES.taskdef}: Docker kills after 10 s when nothing is said`,
    );
  if (app.command !== undefined)
    tell(
      'compose',
      [...path, 'command'],
      `remove command: the image's CMD starts the service, and the smoke test is to start just that`,
    );
  if (app.profiles.length > 0)
    tell('compose', [...path, 'profiles'], 'remove profiles: docker compose up would not start the service');
  const smallest = Math.min(...Object.values(settings.sizes).map(({ memory }) => memory));
  const [, amount = '', size = ''] = /^(\d+)([mg])b?$/i.exec(app.mem_limit ?? '') ?? [];
  const memory = Number(amount) * (size.toLowerCase() === 'g' ? 1024 : 1);
  if (memory < MIN_MEMORY || memory > smallest)
    tell(
      'compose',
      [...path, 'mem_limit'],
      `make mem_limit from ${MIN_MEMORY}m to ${smallest}m, the memory of the smallest task: what does not fit there must fail here`,
    );
}
