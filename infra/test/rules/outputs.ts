import type { Fault } from './fault.ts';
import { differences } from './shape.ts';
import { urls, type Unit } from './unit.ts';

/** What a stack says to whoever deployed it. */
export function outputFaults(it: Unit): Fault[] {
  const why = 'docs/deploy.md sends people to this output';
  return differences(it.outputs, outputsOf(it), `outputs of ${it.stacks.join(' + ')}`, why);
}

function outputsOf(it: Unit): Unit['outputs'] {
  if (it.kind === 'pipeline') {
    const Value = it.options.connectionArn ?? '${PipelineConnection.ConnectionArn}';
    return { Connection: { Value, Description: 'Has to be approved once, if it is new' } };
  }
  if (it.kind !== 'environment') return {};
  const { vpc, zones } = it.environment;
  const nats = Array.from({ length: Math.min(it.size.natGateways, zones) }, (_none, at) => `\${NetworkNatAddress${at + 1}}`);
  const addresses = vpc ? vpc.outgoingAddresses : nats;
  const description = 'Where webhooks come from: for the allow lists of those who receive them';
  return {
    ...(addresses.length > 0 ? { OutgoingAddresses: { Value: addresses.join(','), Description: description } } : {}),
    Url: { Value: urls(it).production, Description: 'Where the API is' },
  };
}
