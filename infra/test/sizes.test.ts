import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BadOptions } from '../lib/option-reader.ts';
import { buildGiven, environment, releaseVariables, secrets } from '../lib/settings.ts';
import { INITIAL_TASKS, monthlyUsd, sizes, type SizeName } from '../lib/sizes.ts';
import { INFRA, resourcesOf, stacksOf, templateOf } from './support/synth.ts';

/** Fargate's memory, in MiB, by CPU units: smallest, largest, step. */
const FARGATE: Record<number, [number, number, number]> = {
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
};

describe.each(Object.keys(sizes) as SizeName[])('size %s', (name) => {
  const size = sizes[name];

  it('is one that Fargate has', () => {
    const [least, most, step] = FARGATE[size.cpu]!;
    expect(size.memory).toBeGreaterThanOrEqual(least);
    expect(size.memory).toBeLessThanOrEqual(most);
    expect((size.memory - least) % step).toBe(0);
  });

  it('always has two tasks', () => {
    expect(size.tasks.min).toBeGreaterThanOrEqual(2);
    expect(size.tasks.max).toBeGreaterThan(size.tasks.min);
  });

  it('has a price, made of what it is made of', () => {
    expect(monthlyUsd(size)).toBeGreaterThan(100);
    const parts = Object.keys(size.monthlyUsd).join('\n');
    expect(parts).toContain(`tasks: ${size.tasks.min} ×`);
    expect(parts).toContain(`db.${size.database.instanceClass}`);
    expect(parts).toContain(`${size.cache.nodes} × ${size.cache.nodeType}`);
    expect(parts).toMatch(new RegExp(`NAT gateways?: ${size.natGateways}`));
    const secrets = Object.keys(resourcesOf(templateOf({ size: name }), 'AWS::SecretsManager::Secret'));
    expect(parts).toContain(`secrets: ${secrets.length}`);
  });
});

describe('sizes', () => {
  it('cost more the bigger they are', () => {
    const prices = [sizes.small, sizes.medium, sizes.large].map(monthlyUsd);
    expect([...prices].sort((a, b) => a - b)).toEqual(prices);
  });
});

/** GiB of memory of the instance classes; https://aws.amazon.com/rds/instance-types has them. All are ARM, which costs a tenth less. */
const DATABASE_GIB: Record<string, number> = { 't4g.medium': 4, 'm7g.large': 8, 'r7g.xlarge': 32 };
/** List prices of us-east-1, US dollars an hour: Fargate on ARM, a NAT gateway, a public address; and a secret a month. */
const PRICES = { vcpu: 0.03238, gib: 0.00356, nat: 0.045, address: 0.005, secret: 0.4 };
const HOURS = 730;

describe.each(Object.keys(sizes) as SizeName[])('size %s', (name) => {
  const size = sizes[name];
  const { database, cache, scaling } = size;

  it('has a database that bears its connections: RDS itself gives one for each 12 MB of memory', () => {
    expect(database.maxConnections).toBeLessThanOrEqual((DATABASE_GIB[database.instanceClass]! * 1024 ** 3) / 12_582_880);
    expect(size.poolSize * size.tasks.max * 2).toBeLessThan(database.maxConnections);
  });

  it('is in more than one zone if it is more than small', () => {
    const [zones, spare] = name === 'small' ? [false, 1] : [true, 2];
    expect([database.multiAz, cache.nodes]).toEqual([zones, spare]);
    expect(size.natGateways).toBeGreaterThanOrEqual(spare);
    expect(size.natGateways).toBeLessThanOrEqual(3);
  });

  it('has numbers that can be meant', () => {
    expect(database.backupDays).toBeGreaterThanOrEqual(7);
    expect(database.backupDays).toBeLessThanOrEqual(35);
    expect(database.storageGb).toBeGreaterThanOrEqual(20);
    expect(cache.nodeType).toMatch(/^cache\.[a-z]\d?\dg\.\w+$/);
    expect(scaling.cpuPercent).toBeGreaterThanOrEqual(40);
    expect(scaling.cpuPercent).toBeLessThanOrEqual(80);
    // 0.5 of a core takes 9,000 requests a minute and 512 deliveries at once.
    expect(scaling.requestsPerTask / size.cpu).toBeGreaterThan(15);
    expect(scaling.requestsPerTask / size.cpu).toBeLessThan(25);
    expect(scaling.backlogPerTask / size.cpu).toBeGreaterThan(0.9);
    expect(scaling.backlogPerTask / size.cpu).toBeLessThan(1.1);
    expect(size.deliveryConcurrency).toBe(size.cpu);
  });

  it('costs what its parts cost, by list price', () => {
    const partOf = (start: string) => Object.entries(size.monthlyUsd).find(([part]) => part.startsWith(start))!;
    const task = (size.cpu / 1024) * PRICES.vcpu + (size.memory / 1024) * PRICES.gib;
    const addresses = size.natGateways + 3;
    const costs: [string, number, number][] = [
      ['tasks', size.tasks.min * task * HOURS, 0.05],
      ['NAT', size.natGateways * PRICES.nat * HOURS, 0.35],
      [`public addresses: ${addresses}`, addresses * PRICES.address * HOURS, 0.1],
      ['secrets', Number(/\d+/.exec(partOf('secrets')[0])![0]) * PRICES.secret, 0.15],
    ];
    for (const [start, cost, share] of costs) {
      const [part, said] = partOf(start);
      expect([part, said]).toEqual([part, Math.min(Math.max(said, cost * (1 - share)), cost * (1 + share))]);
    }
    expect(partOf('tasks')[0]).toContain(`${size.tasks.min} × (${size.cpu / 1024} vCPU, ${size.memory / 1024} GB), ARM`);
    expect(partOf('database')[0]).toContain(
      `db.${database.instanceClass}${database.multiAz ? ' in two zones' : ''}, ${database.storageGb} GB`,
    );
    const row = readFileSync(join(INFRA, '..', 'docs', 'deploy.md'), 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\``))!;
    const [told] = row
      .split('|')
      .at(-2)!
      .match(/\d[\d,]*/)!;
    expect(Math.abs(monthlyUsd(size) - Number(told.replace(',', '')))).toBeLessThan(Number(told.replace(',', '')) * 0.03);
  });
});

describe('the sizes', () => {
  it('have more of everything the bigger they are, or as much', () => {
    const all = [sizes.small, sizes.medium, sizes.large];
    const numbersOf = ({ monthlyUsd: _costs, ...size }: (typeof sizes)['small']): number[] =>
      [size.cpu, size.memory, size.tasks.min, size.tasks.max, size.poolSize, size.deliveryConcurrency, size.natGateways].concat(
        [size.database.maxConnections, size.database.storageGb, size.database.backupDays, size.cache.nodes],
        [size.scaling.requestsPerTask, size.scaling.backlogPerTask],
      );
    const [small, medium, large] = all.map(numbersOf) as [number[], number[], number[]];
    expect(medium.filter((number, nth) => number < small[nth]!)).toEqual([]);
    expect(large.filter((number, nth) => number < medium[nth]!)).toEqual([]);
  });

  it('begin with the same two tasks: ECS refuses to change it', () => {
    expect(INITIAL_TASKS).toBe(2);
  });
});

describe('settings', () => {
  it('use no variable that nobody gives, and give none that nobody uses', () => {
    const used = new Set([...JSON.stringify([environment, secrets]).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
    const given = new Set<string>([...Object.keys(releaseVariables), ...buildGiven]);
    expect([...used].filter((name) => !given.has(name))).toEqual([]);
    const ofTaskDefinition = ['TASK_CPU', 'TASK_MEMORY', 'EXECUTION_ROLE_ARN', 'TASK_ROLE_ARN'];
    expect(
      Object.keys(releaseVariables)
        .filter((name) => !used.has(name))
        .sort(),
    ).toEqual(ofTaskDefinition.sort());
  });
});

describe('options', () => {
  it.each([
    [{ repository: '' }, /repository is missing/],
    [{ size: 'huge' }, /size must be small, medium, large/],
    [{ domainName: 'example.com' }, /domainName and hostedZoneId go together/],
    [{ waf: 'maybe' }, /waf must be/],
    [{ cpuScaling: 'often' }, /cpuScaling must be/],
    [{ zones: '1' }, /zones must be 2/],
    [{ connectionArn: 'github' }, /connectionArn must be/],
    [{ terminationWaitMinutes: '9999' }, /terminationWaitMinutes must be a whole number from 0 to 2880/],
    [{ name: 'Posthorn_1' }, /name must be lower-case letters/],
    [{ name: 'internal-hooks' }, /may not be called so/],
    [{ scanSeverity: 'BAD' }, /scanSeverity must be CRITICAL/],
    [{ alarmEmail: 'ops' }, /alarmEmail must be an address/],
    [{ callers: 'everybody' }, /callers must be ranges/],
    [{ vpcId: 'vpc-0a1b2c3d' }, /vpcId needs vpcRange/],
    [{ taskSubnets: 'subnet-0a1b2c3d' }, /need vpcId/],
    [{ account: '1' }, /account and region go together/],
    [{ environments: 'staging' }, /environments must be a list/],
    [{ environments: [{}, {}] }, /environments must have names of their own/],
    [{ environments: [{ sise: 'small' }] }, /there is no option sise/],
    [{ environments: [{ name: 'a-b' }, { name: 'c-d', size: 'huge' }] }, /^environment 2: size must be/],
    [{ environments: [{ account: '1'.repeat(12), region: 'xx-east-1' }] }, /need account and region of the pipeline/],
    [{ variables: { PORT: '80' } }, /variables must not have PORT/],
    [{ variables: { JWT_SECRET: 'x' } }, /variables must not have JWT_SECRET/],
    [{ variables: '[1]' }, /variables must be a JSON object/],
  ])('%j is refused in a sentence', (context, message) => {
    expect(() => stacksOf(context)).toThrow(BadOptions);
    expect(() => stacksOf(context)).toThrow(message);
  });

  it('are all judged at once', () => {
    expect(() => stacksOf({ repository: '', size: 'huge' })).toThrow(/repository is missing[^]*size must/);
  });
});
