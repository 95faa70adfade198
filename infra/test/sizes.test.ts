import { describe, expect, it } from '@jest/globals';
import { BadOptions } from '../lib/options.ts';
import { environment, monthlyUsd, secrets, buildVariables, buildGiven, sizes, type SizeName } from '../lib/settings.ts';
import { stackOf } from './support/synth.ts';

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
  });
});

describe('sizes', () => {
  it('cost more the bigger they are', () => {
    const prices = [sizes.small, sizes.medium, sizes.large].map(monthlyUsd);
    expect([...prices].sort((a, b) => a - b)).toEqual(prices);
  });
});

describe('settings', () => {
  it('use no build variable that nobody gives, and give none that nobody uses', () => {
    const used = new Set([...JSON.stringify([environment, secrets]).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
    const given = new Set<string>([...Object.keys(buildVariables), ...buildGiven]);
    expect([...used].filter((name) => !given.has(name))).toEqual([]);
    const ownUse = [
      'TASK_CPU',
      'TASK_MEMORY',
      'EXECUTION_ROLE_ARN',
      'TASK_ROLE_ARN',
      'IMAGE_REPOSITORY_URI',
      'CACHE_REPOSITORY_URI',
    ];
    expect(
      Object.keys(buildVariables)
        .filter((name) => !used.has(name))
        .sort(),
    ).toEqual(ownUse.sort());
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
    [{ terminationWaitMinutes: '9999' }, /terminationWaitMinutes must be/],
  ])('%j is refused in a sentence', (context, message) => {
    expect(() => stackOf(context as Record<string, string>)).toThrow(BadOptions);
    expect(() => stackOf(context as Record<string, string>)).toThrow(message);
  });

  it('are all judged at once', () => {
    expect(() => stackOf({ repository: '', size: 'huge' })).toThrow(/size must[^]*repository is missing/);
  });
});
