import type { Context } from './context.js';

/** Smallest buffer that a burst of log lines doesn't overflow; lines that don't fit are dropped without a word. */
const MIN_BUFFER_MIB = 25;
/** The share of a task's memory that the buffer may take when CloudWatch is slow. */
const BUFFER_SHARE = 1 / 16;

/** The log: it goes where the infrastructure made a place for it, and never stops the app. */
export function checkLog(context: Context): void {
  const { container, containerPath, settings, settingsAt, tell } = context;
  const { logDriver, options } = container.logConfiguration;
  const path = [...containerPath, 'logConfiguration', 'options'];
  if (logDriver !== 'awslogs') return tell('taskdef', [...containerPath, 'logConfiguration', 'logDriver'], 'make it awslogs');
  const wanted = {
    'awslogs-group': [settings.namesInFiles.appLog, `the group that ${settingsAt('namesOf', 'appLog')} makes`],
    'awslogs-stream-prefix': [settings.logs.streamPrefix, `as ${settingsAt('logs', 'streamPrefix')} has it`],
    'awslogs-region': ['${AWS_REGION}', 'filled in for each environment'],
    mode: ['non-blocking', 'or a slow log stops the app'],
  } as const;
  for (const [name, [value, reason]] of Object.entries(wanted)) {
    if (options[name] !== value) tell('taskdef', [...path, name], `make ${name} ${value}, ${reason}`);
  }
  if (options['awslogs-create-group'] === 'true')
    tell('taskdef', [...path, 'awslogs-create-group'], 'remove it: the infrastructure makes the group, with its retention');
  checkBuffer(context);
}

function checkBuffer({ container, containerPath, settings, tell }: Context): void {
  const size = container.logConfiguration.options['max-buffer-size'];
  const [, amount, unit] = /^(\d+)([kmg])$/.exec(size ?? '') ?? [];
  const mib = Number(amount) * ({ k: 1 / 1024, m: 1, g: 1024 }[unit ?? ''] ?? Number.NaN);
  const most = Math.min(...Object.values(settings.sizes).map(({ memory }) => memory)) * BUFFER_SHARE;
  const path = [...containerPath, 'logConfiguration', 'options', 'max-buffer-size'];
  if (!(mib >= MIN_BUFFER_MIB))
    tell('taskdef', path, `make max-buffer-size ${MIN_BUFFER_MIB}m or more: what doesn't fit is dropped`);
  if (mib > most)
    tell(
      'taskdef',
      path,
      `make max-buffer-size ${most}m or less: the smallest task's memory is for the app, and it would have no rest`,
    );
}
