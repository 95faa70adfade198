import { sizes } from '../../lib/sizes.ts';
import { EVERYTHING, type Context } from './synth.ts';

const subnets = (kind: number) => `subnet-${kind}1a2b3c4,subnet-${kind}5a6b7c8`;
const VPC = {
  vpcId: 'vpc-0a1b2c3d',
  vpcRange: '10.0.0.0/16',
  vpcZones: 'eu-west-1a,eu-west-1b',
  publicSubnets: subnets(0),
  taskSubnets: subnets(1),
  dataSubnets: subnets(2),
  outgoingAddresses: '203.0.113.1,203.0.113.2',
};
const STAGING = { name: 'posthorn-staging', size: 'small', verify: true };
const TOOLS = { account: '111111111111', region: 'eu-west-1' };
const ABROAD = { account: '222222222222', region: 'us-east-1' };

/** Installations that differ in what is made and by whom; everything that judges templates judges all of them. */
export const VARIANTS: Record<string, Context> = {
  ...Object.fromEntries(Object.keys(sizes).map((size) => [size, { size }])),
  'everything switched on': { size: 'medium', ...EVERYTHING },
  'another name': { name: 'hooks-of-the-eu-west' },
  'an existing VPC': VPC,
  'an internal load balancer': {
    ...VPC,
    internal: 'true',
    publicSubnets: '',
    outgoingAddresses: '',
    callers: '10.0.0.0/8',
    verify: 'true',
  },
  'what was kept, and a snapshot': { kept: 'true', databaseSnapshot: 'posthorn-final', databaseProxy: 'true' },
  'staging before production': { environments: [STAGING, { approval: true, size: 'medium' }] },
  'another account and region': {
    ...TOOLS,
    environments: [
      STAGING,
      { ...ABROAD, approval: true, domainName: 'a.example.com', hostedZoneId: 'Z1', callers: '192.0.2.0/24' },
    ],
  },
};
