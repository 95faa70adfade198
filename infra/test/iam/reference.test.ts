import { describe, expect, it } from '@jest/globals';
import { EVERYTHING } from '../support/synth.ts';
import { VARIANTS } from '../support/variants.ts';
import { fill, type Need } from './needs.ts';
import { faultOf, reference } from './reference.ts';
import { stacksFor } from './synthesized.ts';
import { TABLE } from './table.ts';

/** Has every place that a row may name. */
const { facts } = stacksFor({ ...VARIANTS['another account and region'], kmsKeyArn: EVERYTHING.kmsKeyArn })['posthorn-service']!;

/** ARNs of what the templates name by its logical id. */
const NAMED: Record<string, string> = {
  '[NetworkFlowLogGroup.Arn]': 'arn:aws:logs:eu-west-1:111111111111:log-group:flow-log:*',
  '[PipelineConnection.ConnectionArn]': 'arn:aws:codeconnections:eu-west-1:111111111111:connection/1',
};

function rowsOf({ actions, on, if: condition = '', wide }: Need) {
  const keys = condition.split(' & ').flatMap((part) => part.split(' ')[1] ?? []);
  const resources = [on].flat().flatMap((one) => fill(one, facts));
  return actions.split(' ').flatMap((action) => resources.map((resource) => ({ action, resource, keys, wide: Boolean(wide) })));
}

/** The connection's ARN has the new or the old name of the service; each action is for one of them. */
function arnOf(resource: string, action: string): string {
  const arn = NAMED[resource] ?? resource.replace(/^role \[(\w+)\]$/, 'arn:aws:iam::111111111111:role/$1');
  return action.startsWith('codestar-') ? arn.replace(':codeconnections:', ':codestar-connections:') : arn;
}

describe("the table against AWS's service authorization reference", () => {
  const services = reference();

  it('names actions that exist, on resources and with conditions that they know', () => {
    if (!services) return;
    const faults = Object.entries(TABLE).flatMap(([role, { needs }]) =>
      needs.flatMap(rowsOf).flatMap(({ action, resource, keys, wide }) => {
        const fault = faultOf(services, action, arnOf(resource, action), keys, wide);
        return fault ? [`${role}: ${fault}`] : [];
      }),
    );
    expect(faults).toEqual([]);
  });

  it.each([
    ['sqs:SendMessageBatch', 'arn:aws:sqs:eu-west-1:1:posthorn', [], 'does not exist'],
    ['codedeploy:StopDeployment', 'arn:aws:codedeploy:eu-west-1:1:deploymentgroup:a/b', [], 'takes no resource'],
    ['ecs:UpdateServicePrimaryTaskSet', 'arn:aws:ecs:eu-west-1:1:task-set/a/b/*', [], 'does not take'],
    ['sqs:SendMessage', '*', [], 'narrower'],
    ['ecs:RunTask', 'arn:aws:ecs:eu-west-1:1:task-definition/a:*', ['ecs:service'], 'does not know the condition'],
  ])('would find %s on %s', (action, resource, keys, fault) => {
    expect(services ? faultOf(services, action, resource, keys, false) : fault).toContain(fault);
  });
});
