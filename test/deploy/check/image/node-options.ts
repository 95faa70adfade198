import type { Context } from '../context.js';
import { type FileName } from '../project.js';
import { lineOf } from '../text.js';

/** The share of a task's memory that the heap may have: the rest is buffers, code, the C++ side, and the agent of ECS Exec. */
const HEAP_SHARE = 0.75;
/** Options of Node that a service may have, without a value that has to fit anything. */
const HARMLESS = ['--enable-source-maps', '--disable-warning', '--no-warnings'];

/** Options of Node in the image: limits must fit the smallest task, and nothing may open a door. */
export function checkNodeOptions(context: Context): void {
  const { image, project } = context;
  const start = [...(image.entrypoint ?? []), ...(image.command ?? [])];
  const program = start.findIndex((word, index) => index > 0 && !word.startsWith('-'));
  check(context, 'dockerfile', image.lineOf('ENTRYPOINT'), start.slice(1, program < 0 ? undefined : program));
  const given = image.environment['NODE_OPTIONS'];
  if (given) check(context, 'dockerfile', image.lineOf('ENV'), given.split(/\s+/));
  const [, inStart = ''] = /"start": ".*\bnode ((?:--\S+ )*)dist\/main\.js"/.exec(project.texts.packageJson) ?? [];
  check(context, 'packageJson', lineOf(project.texts.packageJson, '"start"'), inStart.trim().split(/\s+/).filter(Boolean));
}

function check({ settings, settingsAt, tellLine }: Context, file: FileName, line: number, options: readonly string[]): void {
  const [size, smallest] = Object.entries(settings.sizes).reduce((least, each) =>
    each[1].memory < least[1].memory ? each : least,
  );
  const limit = Math.floor(smallest.memory * HEAP_SHARE);
  const value = (name: string) =>
    Number(options.find((option) => option.replaceAll('_', '-').startsWith(`${name}=`))?.split('=')[1] ?? 0);
  // The young generation has three semi-spaces.
  const heap = value('--max-old-space-size') + 3 * value('--max-semi-space-size');
  if (!(heap <= limit))
    tellLine(
      file,
      line,
      `keep the heap below ${limit} MiB, three quarters of the memory of the smallest task (${settingsAt('sizes', size, 'memory')}): ECS kills a task that is above its memory; it is ${heap}`,
    );
  for (const option of options) {
    const name = option.split('=')[0]!.replaceAll('_', '-');
    if (['--max-old-space-size', '--max-semi-space-size', ...HARMLESS].includes(name)) continue;
    const reason = name.startsWith('--inspect')
      ? 'who reaches the debugger runs any code'
      : 'the check does not know what it does to a task';
    tellLine(file, line, `remove ${option}: ${reason}. If it is needed, add it to test/deploy/check/image/node-options.ts`);
  }
}
