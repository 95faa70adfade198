import { plainId, type StackOf } from './synthesized.ts';

export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource?: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Statements of a policy as rows: `ACTION on RESOURCE if CONDITION`, for a resource's policy with `PRINCIPAL may` before it. */
export function rowsOf(statements: Statement[], text: StackOf['text']): string[] {
  const rows = statements.flatMap(({ Effect, Action, Resource, Principal, Condition, ...rest }) => {
    if ('NotAction' in rest || 'NotResource' in rest || 'NotPrincipal' in rest)
      throw new Error('a statement says what it does not apply to');
    const who = Principal
      ? principalsOf(Principal, text).map((one) => `${Effect === 'Deny' ? 'nobody of ' : ''}${one} may `)
      : [''];
    if (Effect === 'Deny' && !Principal) throw new Error('a role has a statement that denies something');
    const condition = Condition ? ` if ${conditionOf(Condition, text)}` : '';
    const resources = Resource === undefined ? [''] : [Resource].flat().map((one) => ` on ${text(one)}`);
    return who.flatMap((one) =>
      [Action].flat().flatMap((action) => resources.map((resource) => `${one}${action}${resource}${condition}`)),
    );
  });
  return [...new Set(rows)].sort();
}

function principalsOf(principal: unknown, text: StackOf['text']): string[] {
  if (principal === '*') return ['anybody'];
  return Object.entries(principal as Record<string, unknown>).flatMap(([kind, who]) =>
    [who].flat().map((one) => {
      const named = text(one);
      const account = /^arn:aws:iam::(\w+):root$/.exec(named)?.[1];
      if (named === '*') return 'anybody';
      return kind === 'Service' ? named : account ? `account ${account}` : named;
    }),
  );
}

export function conditionOf(condition: NonNullable<Statement['Condition']>, text: StackOf['text']): string {
  const parts = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${operator} ${key} ${[values].flat().map(text).sort().join(' or ')}`),
  );
  return parts.sort().join(' & ');
}

export interface SynthesizedRole {
  trust: string[];
  managed: string[];
  rows: string[];
}

/** The roles of a stack with everything that is attached to them. */
export function rolesIn({ kind, resources, text }: StackOf): Record<string, SynthesizedRole> {
  const policies = Object.values(resources).filter(({ Type }) => Type === 'AWS::IAM::Policy');
  const roles = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  return Object.fromEntries(
    roles.map(([id, { Properties }]) => {
      const attached = policies.filter((policy) => policy.Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === id));
      const statements = [...(Properties.Policies ?? []), ...attached.map((policy) => policy.Properties)].flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement as Statement[],
      );
      const role: SynthesizedRole = {
        trust: rowsOf(Properties.AssumeRolePolicyDocument.Statement, text),
        managed: (Properties.ManagedPolicyArns ?? []).map((arn: unknown) => text(arn).replace('arn:aws:iam::aws:policy/', '')),
        rows: rowsOf(statements, text),
      };
      return [`${kind}/${plainId(id)}`, role];
    }),
  );
}

const DOCUMENTS = ['PolicyDocument', 'KeyPolicy', 'RepositoryPolicyText', 'ResourcePolicy', 'AccessPolicy', 'Policy'];

/** What resources allow by themselves: policies of buckets, queues, topics, keys and registries, and permissions of functions. */
export function resourcePoliciesIn({ kind, resources, text }: StackOf): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [id, { Type, Properties = {} }] of Object.entries(resources)) {
    if (Type.startsWith('AWS::IAM::')) continue;
    const documents = DOCUMENTS.flatMap((name) =>
      Properties[name]?.Statement ? [Properties[name].Statement as Statement[]] : [],
    );
    if (documents.length > 0) found[`${kind}/${plainId(id)}`] = rowsOf(documents.flat(), text);
    if (Type !== 'AWS::Lambda::Permission') continue;
    const { Action, FunctionName, Principal, SourceArn, FunctionUrlAuthType, InvokedViaFunctionUrl } = Properties;
    const condition = [
      ...(SourceArn ? [`ArnLike aws:SourceArn ${text(SourceArn)}`] : []),
      ...(FunctionUrlAuthType ? [`StringEquals lambda:FunctionUrlAuthType ${FunctionUrlAuthType}`] : []),
      ...(InvokedViaFunctionUrl ? [`Bool lambda:InvokedViaFunctionUrl ${InvokedViaFunctionUrl}`] : []),
    ];
    const who = Principal === '*' ? 'anybody' : text(Principal);
    const row = `${who} may ${Action}${condition.length > 0 ? ` if ${condition.join(' & ')}` : ''}`;
    const key = `${kind}/${/\[?([\w.]+)/.exec(plainId(FunctionName['Fn::GetAtt'][0]))![1]}`;
    found[key] = [...(found[key] ?? []), row].sort();
  }
  return found;
}
