import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { matches } from '../../rehearsal/lambda/event-rule.js';
import type { Made } from '../../rehearsal/plan/installation.js';
import { readPlan } from '../../rehearsal/plan/plan.js';
import { synthesize } from '../../rehearsal/plan/synthesize.js';
import { groupOf } from '../../rehearsal/plan/target-group.js';
import { secretValue } from '../../rehearsal/stage-parts.js';

const DEPLOY = join(import.meta.dirname, '../../docs/deploy.md');
const SYNTHESIS_MS = 120_000;

/** The contents of cdk.json that the page on deploying shows. */
const EXAMPLES = [...readFileSync(DEPLOY, 'utf8').matchAll(/\*\*([^*\n]+)\*\*.*\n+```json\n([^]*?)```/g)].map(
  ([, name, json]) => [name!, JSON.parse(json!) as Record<string, unknown>] as const,
);

describe('the plan of a rehearsal', () => {
  it('has examples to read', () => {
    expect(EXAMPLES.length).toBeGreaterThan(3);
  });

  it.each(EXAMPLES)(
    'can be read of the stacks of docs/deploy.md: %s',
    async (_name, options) => {
      const stacks = await synthesize(options);
      try {
        const { environments = [{}] } = options as { environments?: { name?: string }[] };
        for (const { name = 'posthorn' } of environments) {
          const plan = readPlan(stacks, name);
          const urls = plan.functions.flatMap(({ environment }) => environment['API_URL'] ?? []);
          const definition = plan.taskDefinition(1, 'image', plan.variables);
          const arns = plan.secrets.map(({ arn }) => arn);
          const event = { source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail: stoppedTask(name) };

          expect(plan.service).toBe(name);
          expect(urls).toEqual([plan.urls.test, plan.urls.production, plan.urls.production]);
          expect(Object.values(definition.secrets).filter((arn) => !arns.includes(arn))).toEqual([]);
          expect(plan.rules.filter(({ pattern }) => matches(pattern, event)).flatMap(({ targets }) => targets)).toEqual([
            expect.stringContaining(`${name}-crash-loop-watcher`),
          ]);
        }
      } finally {
        rmSync(stacks, { recursive: true });
      }
    },
    SYNTHESIS_MS,
  );
});

describe('an installation with two environments', () => {
  let stacks: string;
  beforeAll(async () => {
    stacks = await synthesize({ environments: [{ name: 'acme' }, { name: 'acme-next', deploymentConfig: 'Ours', kept: true }] });
  }, SYNTHESIS_MS);
  afterAll(() => rmSync(stacks, { recursive: true }));

  it('is rehearsed with the first one by name, or the one that is named', () => {
    expect([readPlan(stacks).service, readPlan(stacks, 'acme-next').service]).toEqual(['acme', 'acme-next']);
  });

  it('has no other one', () => {
    expect(() => readPlan(stacks, 'acme-3')).toThrow('no environment acme-3; they have: acme, acme-next');
  });

  it('says what is assumed of a deployment configuration that somebody made', () => {
    expect(readPlan(stacks).assumed).toBeNull();
    expect(readPlan(stacks, 'acme-next')).toMatchObject({
      assumed: expect.stringContaining('Ours'),
      deployment: { shift: { kind: 'canary', percent: 10, waitMs: 300_000 } },
    });
  });

  it('knows the secrets of a data stack that was kept, which the stacks only name', () => {
    const names = readPlan(stacks, 'acme-next').secrets.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['acme-next/jwt-key', 'acme-next/encryption-key', 'acme-next/receiver-key']));
  });
});

describe('a target group', () => {
  const made = (changes: object): Made => ({
    id: 'Blue',
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    properties: {
      Name: 'blue',
      VpcId: 'vpc',
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: 3000,
      HealthCheckPort: '3000',
      ...changes,
    },
  });

  it('can be rehearsed', () => {
    expect(groupOf(made({}), 'arn')).toMatchObject({ name: 'blue', arn: 'arn', intervalMs: 30_000, unhealthyThreshold: 2 });
  });

  it.each([
    ['HealthCheckPort is 9999, not 3000', { HealthCheckPort: '9999' }],
    ['HealthCheckProtocol is HTTPS, not HTTP', { HealthCheckProtocol: 'HTTPS' }],
    ['HealthCheckEnabled is false', { HealthCheckEnabled: false }],
    ['TargetType is instance, not ip', { TargetType: 'instance' }],
    [
      'slow_start.duration_seconds is not known here',
      { TargetGroupAttributes: [{ Key: 'slow_start.duration_seconds', Value: '30' }] },
    ],
    ['IpAddressType is not known here', { IpAddressType: 'ipv6' }],
  ])('is refused if %s', (fault, changes) => {
    expect(() => groupOf(made(changes), 'arn')).toThrow(`The target group blue is not one that can be rehearsed: ${fault}.`);
  });
});

describe('a rule of EventBridge', () => {
  const stopped = { source: 'aws.ecs', detail: stoppedTask('posthorn') };

  it.each([
    [true, { source: ['aws.ecs'] }],
    [true, { detail: { lastStatus: ['RUNNING', 'STOPPED'] } }],
    [false, { detail: { lastStatus: ['RUNNING'] } }],
    [false, { detail: { clusterArn: ['arn:aws:ecs:eu-west-1:123456789012:cluster/other'] } }],
    [false, { detail: { nothing: { here: [1] } } }],
  ])('says %s to a stopped task with the pattern %j', (is, pattern) => {
    expect(matches(pattern, stopped)).toBe(is);
  });

  it('is refused if its pattern is more than values', () => {
    expect(() => matches({ source: [{ prefix: 'aws.' }] }, stopped)).toThrow('knows exact values');
  });
});

describe('a secret of a task definition', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:posthorn/database-url-a1b2c3';
  const secrets = new Map([[arn, { arn, name: 'posthorn/database-url', value: '{"url":"mysql://one"}' }]]);

  it('is read by its ARN, and by a key of its JSON', () => {
    expect(secretValue(secrets, arn)).toBe('{"url":"mysql://one"}');
    expect(secretValue(secrets, `${arn}:url::`)).toBe('mysql://one');
  });

  it('is not found by its name alone, which ECS takes for a parameter', () => {
    expect(() => secretValue(secrets, 'posthorn/database-url')).toThrow('ResourceNotFoundException');
  });
});

function stoppedTask(name: string): Record<string, string> {
  return {
    clusterArn: `arn:aws:ecs:eu-west-1:123456789012:cluster/${name}`,
    group: `service:${name}`,
    lastStatus: 'STOPPED',
  };
}
