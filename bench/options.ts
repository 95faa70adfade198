import { parseArgs } from 'node:util';
import { namesOf } from './parts/arguments.js';

export const STEP_NAMES = [
  'self-test',
  'ingest',
  'end-to-end',
  'latency',
  'cost',
  'health',
  'boot',
  'drain',
  'listings',
] as const;

export const USAGE = `Usage: npm run bench -- [options]

  --only a,b            only these steps: ${STEP_NAMES.join(', ')}
  --quick               everything small: says whether it works, and nothing about speed
  --rounds n            how often each target is measured in turn (default 3)
  --no-floor            without the hand-written minimum
  --label name          name of the result files (default: the mode)
  --results folder      where they go (default bench/results)

this project's service (the default):
  --split               the two roles as two processes
  --handoff on|off|n    share of the deliveries that skip the queue (default on)
  --embedded            on the embedded database, queue and cache
  --dist folder         another build of it (default dist)
  --set NAME=value      an environment variable for it; repeatable
  --node-arg argument   an argument for its node, such as --cpu-prof; repeatable

any server with the same API:
  --server URL --token T
  --pids what=1+2,…     its processes on this machine, to count their CPU time`;

export type Options = ReturnType<typeof readOptions>;

/** Throws, with a sentence, what is wrong with the arguments. */
export function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      floor: { type: 'boolean', default: true },
      label: { type: 'string' },
      results: { type: 'string', default: 'bench/results' },
      split: { type: 'boolean', default: false },
      handoff: { type: 'string', default: 'on' },
      embedded: { type: 'boolean', default: false },
      dist: { type: 'string', default: 'dist' },
      set: { type: 'string', multiple: true, default: [] },
      'node-arg': { type: 'string', multiple: true, default: [] },
      server: { type: 'string' },
      token: { type: 'string' },
      pids: { type: 'string', default: '' },
    },
  });
  const only = namesOf(USAGE, values.only, STEP_NAMES);
  if (values.server && !values.token) throw new Error('--server needs --token.');
  if (values.rounds !== undefined && !/^[1-9]\d?$/.test(values.rounds)) throw new Error('--rounds takes a number from 1 to 99.');
  const modes = [
    values.server ? 'server' : values.embedded ? 'embedded' : values.split ? 'two-processes' : 'one-process',
    ...(values.handoff === 'on' ? [] : [`handoff-${values.handoff}`]),
  ];
  return { ...values, only, label: values.label ?? modes.join('-') + (values.quick ? '-quick' : '') };
}
