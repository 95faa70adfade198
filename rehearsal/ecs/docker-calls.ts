import { USUAL_SETTINGS, type ContainerSettings } from './container-settings.js';
import type { Engine } from './docker.js';
import type { ContainerOrder } from './runner.js';

/** A call of Docker's client: its arguments, and all of its environment. */
export interface Call {
  args: string[];
  env: Record<string, string>;
}

/** What tells a container from others, and where it runs. */
export interface Berth {
  name: string;
  /** `key=value` that all containers of a rehearsal have, and no others. */
  label: string;
  engine: Engine;
  /** A folder that the container has at the same path: modules that its programs load first. */
  modules: string;
}

const RUN = ['run', '--rm', '--pull=never', '--sig-proxy=false', '--log-driver=none', '--no-healthcheck', '--network=host'];
const MIB = 1_048_576;
/** What the client reads for itself: https://docs.docker.com/reference/cli/docker/#environment-variables */
const OF_CLIENT = /^(PATH|HOME|XDG_RUNTIME_DIR|DOCKER_(API_VERSION|CERT_PATH|CONFIG|CONTEXT|HOST|TLS|TLS_VERIFY))$/;

/** What Docker's client needs of the environment of the rehearsal to find its engine. */
export function clientEnvironment(whole: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const own = Object.entries(whole).filter(
    (entry): entry is [string, string] => OF_CLIENT.test(entry[0]) && entry[1] !== undefined,
  );
  return Object.fromEntries(own);
}

/**
 * The call that runs the container of a task in the foreground. It has the network of this machine, so that the addresses of the tasks, the
 * load balancer's health checks, the metadata endpoint and the database are where processes find them. ECS knows nothing of an image's
 * HEALTHCHECK: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
export function runCall(order: ContainerOrder, { name, label, engine, modules }: Berth): Call {
  const { image, definition } = order;
  if (!image.tag) throw new Error(`${image.folder} was not built as an image`);
  const settings = definition.settings ?? USUAL_SETTINGS;
  const variables = withVariables(passedOn(order));
  const [entryPoint, ...before] = settings.entryPoint ?? [];
  const args = [
    ...RUN,
    `--name=${name}`,
    `--label=${label}`,
    `--stop-timeout=${Math.ceil(definition.stopTimeoutMs / 1_000)}`,
    ...limits(settings, engine),
    ...mounts(settings),
    `--mount=type=bind,source=${modules},target=${modules},readonly`,
    ...variables.args,
    ...(entryPoint ? [`--entrypoint=${entryPoint}`] : []),
    image.tag,
    ...before,
    ...(definition.command ?? []),
  ];
  return { args, env: variables.env };
}

/** The call that runs one more program in a container. `more` is what its environment has besides the container's. */
export function execCall(name: string, command: readonly string[], more: Record<string, string>): Call {
  const { args, env } = withVariables(more);
  return { args: ['exec', ...args, name, ...command], env };
}

/** The environment of a container: without what is in its image, and without what a process needs of this machine. */
function passedOn({ env, image, definition }: ContainerOrder): Record<string, string> {
  const isDefined = (name: string) => name in definition.environment || name in definition.secrets;
  const isOthers = (name: string, value: string) => ['PATH', 'HOME'].includes(name) || image.environment[name] === value;
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => isDefined(name) || !isOthers(name, value)));
}

/**
 * The client takes a value out of its own environment if only the name is an argument: everybody on a machine sees the arguments of all
 * programs. Variables by which the client would be misled itself are arguments, since no secret has such a name.
 */
function withVariables(values: Record<string, string>): Call {
  const all = Object.entries(values);
  const args = all.map(([name, value]) => `--env=${OF_CLIENT.test(name) ? `${name}=${value}` : name}`);
  return { args, env: { ...Object.fromEntries(all.filter(([name]) => !OF_CLIENT.test(name))), ...clientEnvironment() } };
}

function limits(
  { user, workingDirectory, readonlyRoot, init, capabilities, ulimits, memoryMiB }: ContainerSettings,
  engine: Engine,
): string[] {
  const memory = (memoryMiB ?? 0) * MIB;
  const isLimited = memory > 0 && engine.limitsMemory && memory <= engine.memoryBytes;
  return [
    ...(readonlyRoot ? ['--read-only'] : []),
    ...(init ? ['--init'] : []),
    ...(user ? [`--user=${user}`] : []),
    ...(workingDirectory ? [`--workdir=${workingDirectory}`] : []),
    ...capabilities.add.map((one) => `--cap-add=${one}`),
    ...capabilities.drop.map((one) => `--cap-drop=${one}`),
    ...ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`),
    ...(isLimited ? [`--memory=${memory}b`] : []),
    // Fargate has no swap.
    ...(isLimited && engine.limitsSwap ? [`--memory-swap=${memory}b`] : []),
  ];
}

/** An empty volume takes over owner and mode of the folder of the image that it covers, as on Fargate. */
function mounts({ volumes, tmpfs }: ContainerSettings): string[] {
  return [
    ...volumes.map(({ path, readonly }) => `--mount=type=volume,target=${path}${readonly ? ',readonly' : ''}`),
    ...tmpfs.map(({ path, sizeMiB, options }) => `--tmpfs=${path}:${[`size=${sizeMiB}m`, ...options].join(',')}`),
  ];
}
