import { newRecord } from '../../rehearsal/codedeploy/record.js';
import type { Entry, Source } from '../../rehearsal/model.js';
import type { Verdict } from '../../rehearsal/oracle.js';
import type { Told } from '../../rehearsal/report/told.js';
import type { ColourSample, Sample } from '../../rehearsal/samples.js';

const GROUPS = 'posthorn-blue posthorn-green'.split(' ') as [string, string];
const DEFINITION = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/posthorn';
const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const BEGIN = 15_000;
const PHASES: [string, number, number][] = [
  ['BeforeInstall', 20_000, 20_010],
  ['Install', 20_010, 32_000],
  ['AfterInstall', 32_000, 32_010],
  ['AllowTestTraffic', 32_010, 32_020],
  ['AfterAllowTestTraffic', 32_020, 35_000],
  ['BeforeAllowTraffic', 35_000, 38_000],
  ['AllowTraffic', 38_000, 98_000],
  ['AfterAllowTraffic', 98_000, 101_000],
  ['TerminationWait', 101_000, 131_000],
];

/** Where the made-up release gives green a part of the traffic, all of it, and where blue ends. */
const [CANARY, SHIFTED, DELETED, END] = [38_000, 98_000, 131_000, 145_000];

/** ARN of a task of the made-up release: three of blue, and three of green. */
export const taskArn = (nth: number) => `arn:aws:ecs:eu-west-1:123456789012:task/posthorn/${String(nth).repeat(32)}`;

export const VERDICTS: Verdict[] = [
  { text: 'no accepted message is lost', holds: true, detail: '0 of 26000 did not arrive' },
  { text: 'the deployment is Succeeded', holds: true, detail: 'Succeeded' },
  { text: 'the build now serves', holds: true, detail: 'now' },
  { text: 'no message came twice', holds: true, detail: '0 came twice' },
];

/** A made-up good release of ten per cent, and what its journal has. */
export function aRelease(changes: Partial<Told> = {}): { told: Told; entries: Entry[] } {
  const record = { ...newRecord({ creator: 'user', configName: 'Canary10Percent5Minutes', taskDefinition: `${DEFINITION}:2` }) };
  const told: Told = {
    scenario: { name: 'good-release', title: 'A good release: canary, full shift, and the end of blue' },
    verdicts: VERDICTS,
    samples: samples(),
    lines: [],
    windows: [],
    record: { ...record, id: 'd-MADEUP123', status: 'Succeeded' },
    counted: { sent: 26_000, accepted: 26_000, missing: 0, duplicates: [], refused: 0, connects: 64 },
    ...changes,
  };
  return { told, entries: entries() };
}

/** A second in which clients got other answers than 202. */
export function withFailures(sample: Sample, failures: Record<string, number>): Sample {
  return { ...sample, load: { ...sample.load, failures } };
}

function entries(): Entry[] {
  const made = [
    entry(0, 'ecs', 'ecs-svc/1', 'PRIMARY', { taskDefinition: `${DEFINITION}:1`, targetGroup: GROUPS[0], desired: 3 }),
    ...[1, 2, 3].flatMap((nth) => startOf(nth, 100, 'ecs-svc/1')),
    entry(20_000, 'codedeploy', 'd-MADEUP123', 'deployment.created', {
      creator: 'user',
      configName: 'Canary10Percent5Minutes',
      taskDefinition: `${DEFINITION}:2`,
    }),
    entry(20_005, 'ecs', 'ecs-svc/2', 'ACTIVE', { taskDefinition: `${DEFINITION}:2`, targetGroup: GROUPS[1], desired: 3 }),
    ...[4, 5, 6].flatMap((nth) => startOf(nth, 20_100, 'ecs-svc/2')),
    ...PHASES.flatMap(([phase, from, to]) => [
      entry(from, 'codedeploy', 'd-MADEUP123', 'phase.begin', { phase }),
      entry(to, 'codedeploy', 'd-MADEUP123', 'phase.end', { phase, status: 'Succeeded' }),
    ]),
    entry(34_900, 'codedeploy', 'd-MADEUP123', 'hook.status', { phase: 'AfterAllowTestTraffic', status: 'Succeeded' }),
    shift(CANARY, 10),
    shift(68_000, 100),
    entry(DELETED, 'codedeploy', 'd-MADEUP123', 'deployment.status', { status: 'Succeeded', error: null, rollback: null }),
    entry(DELETED, 'codedeploy', 'd-MADEUP123', 'taskset.deleting', { taskSet: 'ecs-svc/1' }),
    ...[1, 2, 3].map((nth) =>
      entry(DELETED + nth, 'ecs', taskArn(nth), 'stop requested', {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      }),
    ),
    entry(END - 1_000, 'codedeploy', 'd-MADEUP123', 'taskset.deleted', { taskSet: 'ecs-svc/1' }),
  ];
  return made.toSorted((one, other) => one.at - other.at);
}

function startOf(nth: number, at: number, startedBy: string): Entry[] {
  const facts = {
    zone: ZONES[nth % 3],
    address: `127.0.0.${nth}`,
    startedBy,
    taskDefinition: `${DEFINITION}:${startedBy.at(-1)}`,
  };
  return [
    entry(at, 'ecs', taskArn(nth), 'PROVISIONING', facts),
    entry(at + 5_000, 'ecs', taskArn(nth), 'RUNNING'),
    entry(at + 6_000, 'alb', GROUPS[startedBy.endsWith('1') ? 0 : 1], 'healthy', {
      target: `127.0.0.${nth}:3000`,
      from: 'initial',
    }),
  ];
}

function shift(at: number, percent: number): Entry {
  const weights = { [GROUPS[0]]: 100 - percent, [GROUPS[1]]: percent };
  return entry(at, 'codedeploy', 'd-MADEUP123', 'weights', { listener: 'production', weights });
}

export function entry(at: number, source: Source, subject: string, event: string, facts: Entry['facts'] = {}): Entry {
  return { at, source, subject, event, facts };
}

function samples(): Sample[] {
  return Array.from({ length: (END - BEGIN) / 1_000 }, (_, nth): Sample => {
    const at = BEGIN + (nth + 1) * 1_000;
    const share = at < CANARY ? 0 : at < 68_000 ? 0.1 : 1;
    // Waves, so that lines can be told apart in a picture.
    const wave = Math.sin(nth / 3);
    const green = at < 26_000 ? {} : { healthy: 3 };
    const blue = at > END - 2_000 ? {} : at > DELETED ? { draining: 3 } : { healthy: 3 };
    return {
      at,
      colours: [colour(1 - share, 11 + wave, blue), colour(share, 12 - wave, green)],
      idle: 0.5,
      queueShare: at < CANARY || at > SHIFTED ? share : share * (1 + wave / 5),
      load: { tries: 200, failures: {}, p99Ms: 14 + 2 * wave + (share === 0.1 ? 3 : 0), deliveries: [] },
    };
  });
}

function colour(share: number, p99Ms: number, targets: ColourSample['targets']): ColourSample {
  const requests = Math.round(200 * share);
  return {
    weight: Math.round(100 * share),
    requests,
    answers: requests > 0 ? { '2xx': requests } : {},
    refused: {},
    connectionErrors: 0,
    p50Ms: requests > 0 ? 4 : 0,
    p99Ms: requests > 0 ? p99Ms : 0,
    targets,
    deliveries: requests,
  };
}
