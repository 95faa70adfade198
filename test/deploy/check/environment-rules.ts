import { BadConfiguration, loadConfig, type AppConfig } from '../../../src/config/config.js';
import { variables } from '../../../src/config/variables.js';
import type { Context } from './context.js';
import { FILES } from './project.js';
import { renderedTaskdef, SECRET_SAMPLES, type SizeName } from './samples.js';
import { taskdefShape } from './taskdef-shape.js';

/** What ECS puts into every container. */
const GIVEN_BY_ECS = { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/0123456789abcdef' };
/** Read by the OpenTelemetry SDK itself, beside what the application names. */
const READ_BY_OTHERS = /^OTEL_/;
/** The whole secret, or `:key:stage:version` behind it, of which each may be empty but none may be missing. */
const SECRET_ARN =
  /^arn:aws[\w-]*:(secretsmanager:[\w-]+:\d{12}:secret:[^:]+-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?|ssm:[\w-]+:\d{12}:parameter\/.+)$/;

/** The environment: what settings says, what the app's own schema takes, for every size. */
export function checkEnvironment(context: Context): void {
  checkNames(context);
  checkAgainstSettings(context);
  checkSecretForm(context);
  const faults = new Map<string, string>();
  for (const size of sizeNames(context)) for (const fault of configOf(context, size).faults) faults.set(fault, size);
  for (const [fault, size] of faults) {
    const name = fault.split(' ')[0]!;
    context.tell('taskdef', placeOf(context, name), `the app refuses to start (size ${size}): ${fault}`);
  }
}

/** The names of the sizes. */
export function sizeNames({ settings }: Context): SizeName[] {
  return Object.keys(settings.sizes) as SizeName[];
}

/** The app's configuration in a task of that size, by its own reader; or what that finds wrong. */
export function configOf({ project, settings }: Context, size: SizeName): { config?: AppConfig; faults: readonly string[] } {
  const rendered = taskdefShape.parse(JSON.parse(renderedTaskdef(project, size)));
  const { environment, secrets } = rendered.containerDefinitions.find(({ name }) => name === settings.container.name)!;
  const values = [
    ...environment.map(({ name, value }) => [name, value] as const),
    ...secrets.map(({ name }) => [name, SECRET_SAMPLES[name] ?? 'sample'] as const),
  ];
  try {
    return { config: loadConfig({ ...GIVEN_BY_ECS, ...Object.fromEntries(values) }, neverGenerate), faults: [] };
  } catch (error) {
    if (error instanceof BadConfiguration) return { faults: error.faults };
    throw error;
  }
}

function neverGenerate(): never {
  throw new BadConfiguration(['NODE_ENV must be production: else the app makes its own secrets, different ones in each task.']);
}

function checkNames({ container, containerPath, tell }: Context): void {
  const seen = new Set<string>();
  for (const kind of ['environment', 'secrets'] as const) {
    for (const [index, { name }] of container[kind].entries()) {
      const path = [...containerPath, kind, index];
      if (seen.has(name)) tell('taskdef', path, `remove one of the two values of ${name}`);
      seen.add(name);
      if (Object.hasOwn(variables.shape, name) || READ_BY_OTHERS.test(name)) continue;
      tell('taskdef', path, `remove or rename ${name}: src/config/variables.ts knows no such variable`);
    }
  }
}

function checkAgainstSettings(context: Context): void {
  const { container, settings } = context;
  const given = (entries: readonly { name: string }[], key: 'value' | 'valueFrom') =>
    Object.fromEntries(entries.map((entry) => [entry.name, String((entry as Record<string, unknown>)[key])]));
  compare(context, 'environment', settings.environment, given(container.environment, 'value'));
  compare(context, 'secrets', settings.secrets, given(container.secrets, 'valueFrom'));
}

type Values = Readonly<Record<string, string>>;

function compare(context: Context, kind: 'environment' | 'secrets', wanted: Values, given: Values): void {
  const { settings, settingsAt, tell } = context;
  for (const [name, value] of Object.entries(wanted)) {
    if (given[name] === value) continue;
    const has = given[name] === undefined ? 'it is missing' : `it is ${given[name]}`;
    tell(
      'taskdef',
      placeOf(context, name, kind),
      `give ${name} in ${kind} the value ${value}, as ${settingsAt(kind, name)} does: ${has}`,
    );
  }
  for (const name of Object.keys(given)) {
    if (wanted[name] !== undefined) continue;
    const advice =
      kind === 'environment' && Object.hasOwn(settings.secrets, name)
        ? `move ${name} to secrets: in environment everybody who may describe the task reads it`
        : `add ${name} to ${kind} in ${FILES.settings}, or remove it here`;
    tell('taskdef', placeOf(context, name, kind), advice);
  }
}

function checkSecretForm(context: Context): void {
  const { project, container, containerPath, tell } = context;
  const rendered = taskdefShape.parse(JSON.parse(renderedTaskdef(project, sizeNames(context)[0]!)));
  const { secrets } = rendered.containerDefinitions.find(({ name }) => name === container.name)!;
  for (const [index, { name, valueFrom }] of secrets.entries()) {
    if (SECRET_ARN.test(valueFrom)) continue;
    const path = [...containerPath, 'secrets', index, 'valueFrom'];
    tell('taskdef', path, `make valueFrom of ${name} the whole ARN, or ARN:key:: for one key of it; it would be ${valueFrom}`);
  }
}

function placeOf({ container, containerPath }: Context, name: string, kind?: 'environment' | 'secrets') {
  for (const list of kind ? [kind] : (['environment', 'secrets'] as const)) {
    const index = container[list].findIndex((entry) => entry.name === name);
    if (index >= 0) return [...containerPath, list, index];
  }
  return [...containerPath, kind ?? 'environment'];
}
