import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { BadOptions } from '../lib/option-reader.ts';
import { optionsFrom } from '../lib/options.ts';
import type { Context } from './support/synth.ts';
import { VARIANTS } from './support/variants.ts';

const optionsOf = (context: Context) =>
  optionsFrom(new App({ context: { size: 'small', repository: 'acme/posthorn', ...context } }).node);
const VPC = VARIANTS['an existing VPC']!;
const PLACE = { account: '1'.repeat(12), region: 'ap-southeast-2' };
const ZONE = { hostedZoneId: 'Z1' };

describe('options that AWS would refuse in the middle of a deployment', () => {
  it.each<[Context, string]>([
    [{ callers: '300.0.0.0/8' }, '300.0.0.0/8 is not'],
    [{ callers: '10.0.0.0/33' }, '10.0.0.0/33 is not'],
    [{ callers: ['10.0.0.1/8'] }, 'zeros behind the mask'],
    [{ callers: ['10.0.0.0/8', '10.0.0.0/8'] }, 'callers must not have 10.0.0.0/8 twice'],
    [{ ...VPC, outgoingAddresses: '300.1.1.1' }, 'outgoingAddresses must be IPv4 addresses: 300.1.1.1 is not'],
    [{ ...VPC, vpcRange: '10.0.0.0/8' }, 'vpcRange must be the range'],
    [{ ...VPC, vpcRange: '999.0.0.0/16' }, 'vpcRange must be the range'],
    [{ ...VPC, vpcZones: 'eu-west-1a,eu-west-1a' }, 'vpcZones must not have eu-west-1a twice'],
    [{ ...VPC, ...PLACE }, 'names of availability zones of ap-southeast-2: eu-west-1a'],
    [{ ...VPC, taskSubnets: VPC.publicSubnets }, 'must be different ones'],
    [{ ...ZONE, domainName: 'https://a.example.com/' }, 'domainName must be a host name'],
    [{ ...ZONE, domainName: 'A.example.com' }, 'domainName must be a host name in small letters'],
    [{ ...ZONE, domainName: 'a.example.com.' }, 'domainName must be a host name'],
    [{ ...ZONE, domainName: '*.example.com' }, 'domainName must be a host name'],
    [{ ...ZONE, domainName: `${'a'.repeat(60)}.example.com` }, 'domainName must be a host name'],
    [{ domainName: 'a.example.com', hostedZoneId: '/hostedzone/Z1' }, 'hostedZoneId must be the id'],
    [{ deploymentConfig: 'CodeDeployDefault.OneAtATime' }, 'deploymentConfig must be CodeDeployDefault. and one of ECSCanary'],
    [{ deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5minutes' }, 'deploymentConfig must be'],
    [{ alarmEmail: 'a@example.com,b@example.com' }, 'alarmEmail must be an address'],
    [{ branch: 'release/*' }, 'branch must be the name of one branch'],
    [{ repository: 'https://github.com/acme/posthorn' }, 'repository must be OWNER/NAME'],
    [{ variables: { DRAIN_SECONDS: 5 } }, 'write "DRAIN_SECONDS": "5"'],
    [{ variables: { log_level: 'debug' } }, 'log_level is not'],
    [{ variables: '{"__proto__": "x"}' }, '__proto__ is not'],
    [{ variables: { DATABASE_ADMIN_URL: 'mysql://a:b@c' } }, 'variables must not have DATABASE_ADMIN_URL'],
    [{ alarmEmial: 'ops@example.com' }, 'there is no option alarmEmial'],
    [{ environments: [null] }, 'environments must be a list of objects'],
    [{ environments: ['staging'] }, 'environments must be a list of objects'],
    [{ environments: [[]] }, 'environments must be a list of objects'],
    [{ environments: [{ name: 'hooks' }, { name: 'hooks-dlq' }] }, 'name hooks-dlq otherwise: something of hooks'],
    [{ name: 'hooks', environments: [{ name: 'hooks-pipeline' }] }, 'name hooks-pipeline otherwise'],
    [
      { ...ZONE, domainName: 'a.example.com', environments: [{ name: 'one' }, { name: 'two' }] },
      'domain names of their own: a.example.com',
    ],
    [{ ...PLACE, region: 'cn-north-1' }, 'region cn-north-1 is none that has everything'],
    [
      { ...PLACE, region: 'af-south-1', size: 'large', connectionArn: 'arn:aws:codeconnections:x' },
      'size of posthorn must be small',
    ],
    [{ ...PLACE, region: 'us-west-1' }, 'zones of posthorn must be 2'],
    [{ ...PLACE, region: 'me-south-1' }, 'give connectionArn'],
  ])('%j is refused in a sentence', (context, sentence) => {
    expect(() => optionsOf(context)).toThrow(BadOptions);
    expect(() => optionsOf(context)).toThrow(sentence);
  });

  it.each<[string, Context]>([
    ['numbers and booleans of JSON', { zones: 2, waf: 5_000, kept: true, terminationWaitMinutes: 0, syntheticTraffic: 3 }],
    ['lists of JSON', { callers: ['10.0.0.0/8', '203.0.113.7/32'], variables: { LOG_LEVEL: 'a "quoted" $word' } }],
    ['two zones and three NAT gateways', { zones: '2', size: 'large' }],
    ['a deployment configuration of its own', { deploymentConfig: 'acme-slow.2' }],
    ['the longest name', { name: 'abcdefghij-klmnopqrs', ...PLACE }],
    ['a domain with a name in another script', { ...ZONE, domainName: 'xn--bcher-kva.xn--p1ai' }],
    ['a Git host with groups', { repository: 'acme/hooks/posthorn', branch: 'release/2026.1' }],
    ['what the CDK itself puts beside them', { 'aws:cdk:bundling-stacks': ['**'], '@aws-cdk/core:stackRelativeExports': true }],
    [
      'one domain name, given to one of two',
      { environments: [{ name: 'one' }, { name: 'two', ...ZONE, domainName: 'a.example.com' }] },
    ],
    ['two zones where there are two', { ...PLACE, region: 'us-west-1', zones: 2 }],
  ])('takes %s', (_what, context) => {
    expect(() => optionsOf(context)).not.toThrow();
  });
});
