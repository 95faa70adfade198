import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { assertPortIsFree, ownNetwork, taskAddresses } from '../../rehearsal/ecs/addresses.js';
import { programOf, type Image } from '../../rehearsal/ecs/container.js';
import { afterCheck, checkCommand, type Health } from '../../rehearsal/ecs/health-check.js';
import { nextStep, standingOf, zoneFor, type Candidate } from '../../rehearsal/ecs/scheduler.js';
import { CONTAINER_UNHEALTHY, failedElbHealthChecks, scalingActivity } from '../../rehearsal/ecs/stop-cause.js';
import type { TaskDescription } from '../../rehearsal/ecs/task-description.js';
import { throttleMs, USUAL_THROTTLE } from '../../rehearsal/ecs/throttle.js';
import type { TargetState, TaskDefinition } from '../../rehearsal/model.js';

const FAILED = failedElbHealthChecks('arn:group');
const SCALED = scalingActivity('ecs-svc/1');

/** `h` is healthy, `s` starting, `u` unhealthy; in zones a, b, c, a, … */
function tasksOf(standings: string): Candidate[] {
  const named = { h: 'healthy', s: 'starting', u: 'unhealthy' } as const;
  return [...standings].map((letter, nth) => ({
    arn: `${letter}${nth}`,
    zone: 'abc'[nth % 3]!,
    standing: named[letter as 'h'],
    cause: letter === 'u' ? FAILED : null,
  }));
}

describe('the scheduler', () => {
  const step = (standings: string, desired: number) => {
    const { start, stop } = nextStep(tasksOf(standings), { desired, maximum: 2 * desired, taskSetId: 'ecs-svc/1' });
    return { start, stop: stop.map(({ arn }) => arn) };
  };

  it.each<[string, string, number, { start: number; stop: string[] }]>([
    ['starts what is missing', '', 3, { start: 3, stop: [] }],
    ['does nothing when all is well', 'hhh', 3, { start: 0, stop: [] }],
    ['waits for those that start', 'hss', 3, { start: 0, stop: [] }],
    ['starts the replacement of an unhealthy task first', 'uh', 2, { start: 1, stop: [] }],
    ['keeps the unhealthy task while its replacement starts', 'uhs', 2, { start: 0, stop: [] }],
    ['stops the unhealthy task when its replacement is healthy', 'uhh', 2, { start: 0, stop: ['u0'] }],
    ['stops one of two if the replacement is unhealthy too, and starts another', 'uhu', 2, { start: 1, stop: ['u0'] }],
    ['replaces all at once within the maximum', 'uuu', 3, { start: 3, stop: [] }],
    ['starts no more than the maximum', 'uuuuuu', 3, { start: 3, stop: ['u0', 'u1', 'u2'] }],
    ['stops those that start first when there are fewer to be', 'hsh', 2, { start: 0, stop: ['s1'] }],
    ['stops in the zone that has most', 'hhhh', 3, { start: 0, stop: ['h3'] }],
    ['stops all when none is wanted', 'hu', 0, { start: 0, stop: ['h0', 'u1'] }],
  ])('%s', (_what, standings, desired, expected) => {
    expect(step(standings, desired)).toEqual(expected);
  });

  it('says why it stops a task', () => {
    const { stop } = nextStep(tasksOf('uhhh'), { desired: 2, maximum: 4, taskSetId: 'ecs-svc/1' });

    expect(stop.map(({ cause }) => cause)).toEqual([SCALED, FAILED]);
  });

  it('starts a task in the zone with the fewest of its task set, then of the service', () => {
    const zones = ['a', 'b', 'c'];

    expect(zoneFor(zones, [{ zone: 'a' }], [{ zone: 'a' }, { zone: 'b' }])).toBe('c');
    expect(zoneFor(zones, [{ zone: 'a' }, { zone: 'b' }], [{ zone: 'c' }, { zone: 'c' }])).toBe('c');
    expect(zoneFor([], [], [])).toBeNull();
  });
});

describe('a task stands', () => {
  const standing = (
    changes: Partial<TaskDescription>,
    state: TargetState | null,
    { inGrace = false, hasHealthCheck = true } = {},
  ) => {
    const task = { arn: 'arn:task', zone: 'a', lastStatus: 'RUNNING', healthStatus: 'HEALTHY', ...changes } as TaskDescription;
    const target = state && { target: { id: '127.20.0.1', port: 3000, zone: 'a' }, state, reason: null };
    const { standing: answer, cause } = standingOf(task, target, { groupArn: 'arn:group', hasHealthCheck, inGrace });
    return [answer, cause];
  };

  it.each<[string, unknown[], unknown[]]>([
    ['well if both checks say so', standing({}, 'healthy'), ['healthy', null]],
    [
      'well without a health check of its own',
      standing({ healthStatus: 'UNKNOWN' }, 'healthy', { hasHealthCheck: false }),
      ['healthy', null],
    ],
    ['not yet well while its own check is evaluated', standing({ healthStatus: 'UNKNOWN' }, 'healthy'), ['starting', null]],
    ['not yet well while it is no target', standing({}, null), ['starting', null]],
    ['not yet well before it runs', standing({ lastStatus: 'ACTIVATING' }, 'healthy'), ['starting', null]],
    ['not well if its target is unhealthy', standing({}, 'unhealthy'), ['unhealthy', FAILED]],
    ['not well if its own check fails', standing({ healthStatus: 'UNHEALTHY' }, 'healthy'), ['unhealthy', CONTAINER_UNHEALTHY]],
    [
      'not yet well in its grace period, whatever checks say',
      standing({ healthStatus: 'UNHEALTHY' }, 'unhealthy', { inGrace: true }),
      ['starting', null],
    ],
  ])('%s', (_what, answer, expected) => {
    expect(answer).toEqual(expected);
  });
});

describe('the health of a container', () => {
  const after = (checks: string, starts = false) => {
    const rules = { retries: 3, starts };
    const unknown: Health = { status: 'UNKNOWN', failuresInARow: 0 };
    return [...checks].reduce((health, check) => afterCheck(health, check === '+', rules), unknown).status;
  };

  it.each([
    ['+', false, 'HEALTHY'],
    ['--', false, 'UNKNOWN'],
    ['---', false, 'UNHEALTHY'],
    ['+--', false, 'HEALTHY'],
    ['--+--', false, 'HEALTHY'],
    ['+---', false, 'UNHEALTHY'],
    ['---+', false, 'HEALTHY'],
    ['-----', true, 'UNKNOWN'],
    ['+---', true, 'UNHEALTHY'],
  ])('after the checks %s (start period: %s) is %s', (checks, starts, expected) => {
    expect(after(checks, starts)).toBe(expected);
  });

  it('is checked by a program, or by a line for the shell', () => {
    expect(checkCommand(['CMD', 'node', 'check.js'])).toEqual(['node', 'check.js']);
    expect(checkCommand(['CMD-SHELL', 'node check.js || exit 1'])).toEqual(['/bin/sh', '-c', 'node check.js || exit 1']);
    expect(checkCommand(['NONE'])).toBeNull();
  });
});

describe('the pauses between starts that fail', () => {
  it('grow up to 27 minutes', () => {
    const pauses = [0, 1, 2, 3, 20].map((failures) => throttleMs(failures, USUAL_THROTTLE));

    expect(pauses).toEqual([0, 10_000, 20_000, 40_000, 1_620_000]);
  });
});

describe('the program of a container', () => {
  const image: Image = {
    folder: '/',
    entryPoint: ['node', '--max-semi-space-size=8'],
    command: ['dist/main.js'],
    environment: {},
  };

  it.each<[string[] | null, string]>([
    [null, 'node --max-semi-space-size=8 dist/main.js'],
    [['dist/cli.js', 'migrate'], 'node --max-semi-space-size=8 dist/cli.js migrate'],
  ])('with the command %s is %s', (command, expected) => {
    expect(programOf(image, { command } as TaskDefinition).join(' ')).toBe(expected);
  });
});

describe('the addresses of tasks', () => {
  it('are never the same', () => {
    const next = taskAddresses('127.21');
    const some = Array.from({ length: 600 }, next);

    expect(some.slice(0, 2)).toEqual(['127.21.0.1', '127.21.0.2']);
    expect(new Set(some).size).toBe(600);
  });

  it('are of a network that nobody else on this machine takes', async () => {
    expect(await ownNetwork()).not.toBe(await ownNetwork());
  });

  it('are refused with a word while a program listens on the port of the tasks everywhere', async () => {
    const everywhere = createServer().listen(0);
    await once(everywhere, 'listening');
    const { port } = everywhere.address() as AddressInfo;

    await expect(assertPortIsFree('127.21', port)).rejects.toThrow(`listens on port ${port} of all addresses`);
    await new Promise((closed) => everywhere.close(closed));
    await expect(assertPortIsFree('127.21', port)).resolves.toBeUndefined();
  });
});
