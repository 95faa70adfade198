import type { Context } from './context.js';

/** The shortest time in which a container's failed health checks must not count: it starts on half a core. */
const MIN_START_SECONDS = 30;

/** The longest time between two probes: after as many as `retries` a dead task is replaced. */
const MAX_INTERVAL_SECONDS = 60;

/** Values of the task definition that are the same in every installation, beside those of container-rules.ts. */
export function checkTask(context: Context): void {
  checkFilledIn(context);
  checkLaunch(context);
  checkUser(context);
  checkProbe(context);
}

/** What the migrate project fills in, by the variable that says what it is. */
const FILLED_IN = {
  cpu: 'TASK_CPU',
  memory: 'TASK_MEMORY',
  executionRoleArn: 'EXECUTION_ROLE_ARN',
  taskRoleArn: 'TASK_ROLE_ARN',
} as const;

function checkFilledIn({ taskdef, settings, settingsAt, tell }: Context): void {
  for (const [key, name] of Object.entries(FILLED_IN)) {
    const has = taskdef[key as keyof typeof FILLED_IN];
    if (has === `\${${name}}`) continue;
    const meaning = settings.releaseVariables[name as keyof typeof settings.releaseVariables];
    tell('taskdef', [key], `write \${${name}} for ${key}: ${meaning} (${settingsAt('releaseVariables', name)}); it is ${has}`);
  }
}

function checkLaunch({ taskdef, container, containerPath, settings, tell }: Context): void {
  if (taskdef.requiresCompatibilities.length > 1)
    tell('taskdef', ['requiresCompatibilities'], 'name FARGATE alone: the task must fit nothing else');
  const { port } = settings.container;
  for (const [index, mapping] of container.portMappings.entries()) {
    const path = [...containerPath, 'portMappings', index];
    if (mapping.protocol !== undefined && mapping.protocol !== 'tcp')
      tell('taskdef', [...path, 'protocol'], 'make the protocol tcp: the load balancer speaks HTTP to the container');
    if (container.portMappings.length > 1 && (index > 0 || mapping.containerPort !== port))
      tell(
        'taskdef',
        path,
        `map the port ${port} and no other: the service has one load balancer, and the app listens there alone`,
      );
  }
}

function checkUser({ container, containerPath, image, tell }: Context): void {
  if (container.user !== undefined && container.user === image.user) return;
  const has = container.user === undefined ? 'it is missing' : `it is ${container.user}`;
  tell(
    'taskdef',
    [...containerPath, 'user'],
    `make the user ${image.user ?? 'node'}, the Dockerfile's USER (Dockerfile:${image.lineOf('USER')}), who owns what it may write: ${has}`,
  );
}

function checkProbe({ container, containerPath, facts, tell }: Context): void {
  const { healthCheck } = container;
  if (!healthCheck) return;
  const path = [...containerPath, 'healthCheck'];
  const limit = facts.healthLimitMs;
  if (healthCheck.timeout * 1000 <= limit.value)
    tell(
      'taskdef',
      [...path, 'timeout'],
      `make timeout longer than ${limit.value / 1000} s, the limit of the command itself (${limit.file}:${limit.line}): it says why it failed`,
    );
  if (healthCheck.startPeriod < MIN_START_SECONDS)
    tell(
      'taskdef',
      [...path, 'startPeriod'],
      `make startPeriod ${MIN_START_SECONDS} or more: before that a slow start counts as a fault`,
    );
  if (healthCheck.interval > MAX_INTERVAL_SECONDS)
    tell(
      'taskdef',
      [...path, 'interval'],
      `make interval ${MAX_INTERVAL_SECONDS} or less: a dead task stays for ${healthCheck.retries} times as long`,
    );
  if (healthCheck.retries < 2)
    tell('taskdef', [...path, 'retries'], 'make retries 2 or more: one lost probe would replace a task that works');
}
