import type { KnownValues } from './intrinsics.js';
import { resolved } from './intrinsics.js';
import type { Resource, Template } from './synthesize.js';

/** Where the rehearsed installation is. No account of anybody. */
export const PLACE = { region: 'eu-west-1', account: '123456789012', partition: 'aws' };

/** A resource of the installation with its intrinsic functions filled in. */
export interface Made {
  id: string;
  type: string;
  properties: Record<string, any>;
}

/**
 * The stacks of one environment as if they had been made: resources have the names and ARNs that AWS would give them, so that
 * a reference to the wrong resource is a wrong name here too.
 */
export class Installation {
  private readonly resources: Record<string, Resource>;
  private readonly known: KnownValues;

  constructor(templates: Record<string, Template>) {
    const all = Object.values(templates);
    this.resources = Object.assign({}, ...all.map(({ Resources }) => Resources)) as Record<string, Resource>;
    this.known = { refs: { ...PSEUDO }, attributes: {}, exports: {} };
    for (const [id, resource] of Object.entries(this.resources)) this.give(id, resource);
    for (const { Outputs } of all) this.publish(Outputs ?? {});
  }

  /** All resources of a type, resolved. */
  all(type: string): Made[] {
    return Object.entries(this.resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => ({
        id,
        type,
        properties: resolved(Properties ?? {}, this.known, id) as Record<string, any>,
      }));
  }

  /** The only resource of a type. @throws Error if there is none, or more than one */
  one(type: string): Made {
    const found = this.all(type);
    if (found.length !== 1)
      throw new Error(`The stacks have ${found.length} resources of the type ${type}; the rehearsal needs one.`);
    return found[0]!;
  }

  /** What `Ref` gives for this resource. */
  ref(id: string): string {
    return String(this.known.refs[id]);
  }

  attribute(id: string, name: string): string {
    return String(this.known.attributes[`${id}.${name}`]);
  }

  private give(id: string, { Type, Properties = {} }: Resource): void {
    const made = madeOf(id, Type, Properties);
    this.known.refs[id] = made.ref;
    for (const [name, value] of Object.entries(made.attributes)) this.known.attributes[`${id}.${name}`] = value;
  }

  /** What cannot be resolved is of no use to the rehearsal; whoever imports it is told. */
  private publish(outputs: NonNullable<Template['Outputs']>): void {
    for (const { Value, Export } of Object.values(outputs)) {
      if (typeof Export?.Name !== 'string') continue;
      try {
        this.known.exports[Export.Name] = resolved(Value, this.known, Export.Name);
      } catch {
        continue;
      }
    }
  }
}

const PSEUDO: Record<string, unknown> = {
  'AWS::Region': PLACE.region,
  'AWS::AccountId': PLACE.account,
  'AWS::Partition': PLACE.partition,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'posthorn-service',
  'AWS::StackId': `arn:aws:cloudformation:${PLACE.region}:${PLACE.account}:stack/posthorn-service/rehearsal`,
  'AWS::NoValue': null,
};

const arn = (service: string, resource: string) => `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${resource}`;
const ELB = 'elasticloadbalancing';
/** What ELB and Secrets Manager put behind a name. */
const HEX = '50dc6c495c0c9188';
const SUFFIX = 'a1b2c3';

/** The values that AWS gives a resource: of its kind where the rehearsal reads them, else its id. */
function madeOf(
  id: string,
  type: string,
  properties: Record<string, unknown>,
): { ref: string; attributes: Record<string, string> } {
  const named = (property: string) => (typeof properties[property] === 'string' ? properties[property] : id);
  switch (type) {
    case 'AWS::ElasticLoadBalancingV2::TargetGroup': {
      const full = `targetgroup/${named('Name')}/${HEX}`;
      const ref = arn(ELB, full);
      return { ref, attributes: { TargetGroupFullName: full, TargetGroupName: named('Name'), TargetGroupArn: ref } };
    }
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer': {
      const full = `app/${named('Name')}/${HEX}`;
      const attributes = { LoadBalancerFullName: full, LoadBalancerName: named('Name'), DNSName: `${named('Name')}.elb.invalid` };
      return { ref: arn(ELB, `loadbalancer/${full}`), attributes };
    }
    case 'Custom::ReleaseListener': {
      const ref = arn(ELB, `listener/app/posthorn/${HEX}/${id.toLowerCase().slice(0, 16)}`);
      return { ref, attributes: { 'Listeners.0.ListenerArn': ref } };
    }
    case 'AWS::Lambda::Function':
      return { ref: named('FunctionName'), attributes: { Arn: arn('lambda', `function:${named('FunctionName')}`) } };
    case 'AWS::Lambda::Url':
      return { ref: id, attributes: { FunctionUrl: `https://${id.toLowerCase()}.lambda-url.${PLACE.region}.on.aws/` } };
    case 'AWS::SecretsManager::Secret':
      return { ref: arn('secretsmanager', `secret:${named('Name')}-${SUFFIX}`), attributes: {} };
    case 'AWS::SQS::Queue': {
      const ref = `https://sqs.${PLACE.region}.amazonaws.com/${PLACE.account}/${named('QueueName')}`;
      return { ref, attributes: { Arn: arn('sqs', named('QueueName')), QueueName: named('QueueName'), QueueUrl: ref } };
    }
    case 'AWS::CloudWatch::Alarm':
      return { ref: named('AlarmName'), attributes: { Arn: arn('cloudwatch', `alarm:${named('AlarmName')}`) } };
    default:
      return { ref: id, attributes: { Arn: arn('rehearsal', id) } };
  }
}
