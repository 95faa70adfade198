import { describe, expect, it } from '@jest/globals';
import { BadOptions } from '../lib/option-reader.ts';
import { buildGiven, environment, releaseVariables, secrets } from '../lib/settings.ts';
import { monthlyUsd, sizes, type SizeName } from '../lib/sizes.ts';
import { resourcesOf, stacksOf, templateOf } from './support/synth.ts';

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
