import { App, Token, type Stack } from 'aws-cdk-lib';
import { optionsFrom, type Options } from '../../lib/options.ts';
import type { Fault } from '../rules/fault.ts';
import { faultsIn } from '../rules/rules.ts';
import { stackFaults, type StackFacts } from '../rules/stacks.ts';
import { unitsOf, type RawTemplate } from '../rules/unit.ts';
import { fullContext, synthesizedFor, type Context } from './synth.ts';

/** Everything that the rules look at. */
export interface Installation {
  options: Options;
  templates: Record<string, RawTemplate>;
  stacks: StackFacts[];
}

export function installationOf(context: Context): Installation {
  const { stacks, templates } = synthesizedFor(context);
  return {
    options: optionsFrom(new App({ context: fullContext(context) }).node),
    templates: Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, template.toJSON() as RawTemplate])),
    stacks: stacks.map(factsOf),
  };
}

export function judged({ options, templates, stacks }: Installation): Fault[] {
  return [...faultsIn(unitsOf(templates, options)), ...stackFaults(stacks, options)];
}

function factsOf(stack: Stack): StackFacts {
  return {
    name: stack.stackName,
    terminationProtection: stack.terminationProtection ?? false,
    after: stack.dependencies.map(({ stackName }) => stackName).sort(),
    account: Token.isUnresolved(stack.account) ? '${AccountId}' : stack.account,
    region: Token.isUnresolved(stack.region) ? '${Region}' : stack.region,
  };
}
