import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run rehearse -- [options] [scenario …]

Plays releases of this project as CodeDeploy would make them, with real processes of two builds, real servers and load, and judges them.
Without a scenario: all of them.

  --short           the scenarios that a build runs before it pushes an image, with half of the load; a build's machine is not quiet, so p99 is not
                    judged
  --list            the scenarios, and what they are about
  --at-once N       how many scenarios are played side by side (default: one for each processor; with --short one for each two).
                    What fails for want of a free processor is played once more, alone
  --rate N          requests of the load in a second (default 200; with --short 100)
  --speed N         waits are so many times shorter than on AWS (3 to 7, default 5: a canary of five minutes takes one)
  --before FOLDER   the build that is replaced (default: the commit before, built from the history; without one, this build)
  --containers      the tasks are containers of images that are built from both builds (Docker Engine on Linux)
  --image-now TAG, --image-before TAG
                    as --containers, with images that are there already
  --stacks FOLDER   synthesized stacks (default: infra/ is synthesized)
  --environment NAME
                    which environment of the stacks, if there are several (default: the first one by name)
  --report FOLDER   where the reports go, one HTML file for each scenario (default rehearsal-report)
  --junit FILE      the results as JUnit XML
  --outputFile=FILE writes how many things held, and how many did not, as Jest would
  --json            ignored, as with Jest it goes with --outputFile
  --quiet           only the results`;

/**
 * With slower waits a target outlives the deliveries that its end is to cut, and with faster ones a task is killed before its drain is over, which
 * is real time: a scenario would say nothing, or fail a good build.
 */
const SPEEDS = { least: 3, most: 7 };
const MOST_AT_ONCE = 99;
const MOST_RATE = 2_000;

/** What `npm run rehearse` is asked for. */
export interface Options {
  /** Of scenarios; none is all of them. */
  names: string[];
  help: boolean;
  list: boolean;
  short: boolean;
  quiet: boolean;
  /** Null: as many as the machine has processors for. */
  atOnce: number | null;
  requestsPerSecond: number;
  speed: number;
  /** Folders and files; null if they are not given. */
  before: string | null;
  stacks: string | null;
  /** Null: the first one by name. */
  environment: string | null;
  report: string;
  junit: string | null;
  outputFile: string | null;
  containers: boolean;
  images: { now?: string; before?: string };
}

/** @throws Error with a sentence if an option is not known, or its value can't be used */
export function optionsOf(args: string[]): Options {
  const { values, positionals } = parsed(args);
  const rate = values.rate ?? (values.short ? '100' : '200');
  return {
    ...values,
    names: positionals,
    atOnce: values['at-once'] === undefined ? null : wholeOf('at-once', values['at-once'], MOST_AT_ONCE),
    requestsPerSecond: wholeOf('rate', rate, MOST_RATE),
    speed: speedOf(values.speed),
    before: values.before ?? null,
    stacks: values.stacks ?? null,
    environment: values.environment ?? null,
    junit: values.junit ?? null,
    outputFile: values.outputFile ?? null,
    images: { now: values['image-now'], before: values['image-before'] },
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        'at-once': { type: 'string' },
        rate: { type: 'string' },
        speed: { type: 'string', default: '5' },
        before: { type: 'string' },
        containers: { type: 'boolean', default: false },
        'image-now': { type: 'string' },
        'image-before': { type: 'string' },
        stacks: { type: 'string' },
        environment: { type: 'string' },
        report: { type: 'string', default: 'rehearsal-report' },
        junit: { type: 'string' },
        outputFile: { type: 'string' },
        json: { type: 'boolean' },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}. --help shows the options.`, { cause: error });
  }
}

function wholeOf(option: string, given: string, most: number): number {
  const number = Number(given);
  if (!(Number.isInteger(number) && number >= 1 && number <= most))
    throw new Error(`--${option} takes a whole number from 1 to ${most}, and is ${given}.`);
  return number;
}

function speedOf(given: string): number {
  const speed = Number(given);
  if (!(speed >= SPEEDS.least && speed <= SPEEDS.most))
    throw new Error(`--speed takes a number from ${SPEEDS.least} to ${SPEEDS.most}, and is ${given}.`);
  return speed;
}
