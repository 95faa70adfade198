import { describe, expect, it } from '@jest/globals';
import { VARIANTS } from '../support/variants.ts';
import { fill, textsOf, type Facts } from './needs.ts';
import { resourcePoliciesIn, rolesIn, type SynthesizedRole } from './statements.ts';
import { stacksFor, type StackOf } from './synthesized.ts';
import { resourcePolicies, TABLE } from './table.ts';

const isThere = ({ when }: { when?: keyof Facts['has'] }, facts: Facts) => !when || facts.has[when];
const inKind = <T>(table: Record<string, T>, kind: string) =>
  Object.entries(table).filter(([role]) => role.startsWith(`${kind}/`));

function expectedRoles(kind: string, facts: Facts): Record<string, SynthesizedRole> {
  const roles = inKind(TABLE, kind).filter(([, role]) => isThere(role, facts));
  return Object.fromEntries(
    roles.map(([role, { trust, managed = {}, needs }]) => [
      role,
      { trust: trust.flatMap((text) => fill(text, facts)), managed: Object.keys(managed), rows: textsOf(needs, facts) },
    ]),
  );
}

function expectedPolicies(kind: string, facts: Facts): Record<string, string[]> {
  const policies = inKind(resourcePolicies, kind).filter(([, policy]) => isThere(policy, facts));
  return Object.fromEntries(
    policies.map(([resource, { allows }]) => {
      const rows = allows.filter((one) => isThere(one, facts)).flatMap((one) => one.rows);
      return [resource, rows.flatMap((row) => fill(row, facts)).sort()];
    }),
  );
}

describe.each(Object.entries(VARIANTS))('in %s', (_name, context) => {
  it('each role may do exactly what its rows of the table say, and may be taken by nobody else', () => {
    for (const stack of Object.values(stacksFor(context)))
      expect(withoutSubnets(stack, rolesIn(stack))).toEqual(expectedRoles(stack.kind, stack.facts));
  });

  it('each resource lets in exactly whom the table says', () => {
    for (const stack of Object.values(stacksFor(context)))
      expect(resourcePoliciesIn(stack)).toEqual(expectedPolicies(stack.kind, stack.facts));
  });

  it('no permission is given by a kind of resource that this test does not look at', () => {
    const types = Object.values(stacksFor(context)).flatMap(({ resources }) => Object.values(resources).map(({ Type }) => Type));
    const looked = new Set(['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::Lambda::Permission']);
    const policies = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'];
    const giving = types.filter((type) => /^AWS::IAM::|Polic|Permission|Grant/.test(type) && !type.includes('AutoScaling'));
    expect([...new Set(giving)].filter((type) => !looked.has(type) && !policies.includes(type))).toEqual([]);
  });
});

/** The subnets of a build are a list that differs with the VPC: where they are exactly those of the project, `SUBNETS` stands for them. */
function withoutSubnets({ resources, text, facts: { place } }: StackOf, roles: Record<string, SynthesizedRole>) {
  const builds = Object.values(resources).filter(
    ({ Type, Properties }) => Type === 'AWS::CodeBuild::Project' && Properties.VpcConfig,
  );
  const arn = (subnet: unknown) => `arn:aws:ec2:${place.region}:${place.account}:subnet/${text(subnet)}`;
  const lists = builds.map(({ Properties }) => Properties.VpcConfig.Subnets.map(arn).sort().join(' or ') as string);
  const written = lists.reduce(
    (all, list) => all.replaceAll(`ec2:Subnet ${list}"`, 'ec2:Subnet SUBNETS"'),
    JSON.stringify(roles),
  );
  return JSON.parse(written) as Record<string, SynthesizedRole>;
}

describe('the table', () => {
  it('says of each row who makes the call and where it is said that it needs this', () => {
    for (const { needs, trustSource } of Object.values(TABLE)) {
      expect(trustSource).toMatch(/^https:/);
      for (const { by, source } of needs) {
        expect(by).toMatch(/^\S.+: .{3,}|^\S+\.ts: /);
        expect(source).toMatch(/^https:\/\/(docs\.aws\.amazon\.com|github\.com)\/|^aws-cdk-lib\//);
      }
    }
  });
});
