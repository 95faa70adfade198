import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadBalancer as ports } from '../../infra/lib/settings.js';
import { fillIn, withEnvironment } from '../../infra/pipeline/fill-in.js';
import { settingsOf } from '../ecs/container-settings.js';
import type { EventRule } from '../lambda/event-rule.js';
import type { DeploymentSettings, TargetGroupSettings, TaskDefinition } from '../model.js';
import { assumedOf, shiftOf } from './deployment-config.js';
import { ofEnvironment } from './environment.js';
import { Installation, PLACE, type Made } from './installation.js';
import { secretsIn, type PlannedSecret } from './secrets.js';
import { templatesIn } from './synthesize.js';
import { attributesOf, groupOf } from './target-group.js';

const ROOT = join(import.meta.dirname, '..', '..');
const MINUTE_MS = 60_000;
/** https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs */
const HOOK_EVENTS = new Set([
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
]);

interface Named {
  name: string;
}

/** A Lambda function as the stacks have it. */
export interface FunctionPlan {
  name: string;
  /** In infra/hooks, without `.mjs`. */
  file: string;
  timeoutMs: number;
  environment: Record<string, string>;
}

/** Everything that the rehearsal plays, as the project's own files say it. */
export interface Plan {
  cluster: string;
  service: string;
  desired: number;
  healthGraceMs: number;
  idleTimeoutMs: number;
  dropsInvalidHeaders: boolean;
  loadBalancer: string;
  listeners: { production: string; test: string };
  /** Where the stacks say that the listeners and the receiver of the release check are. */
  urls: { production: string; test: string; receiver: string };
  /** Blue, which has the traffic at first, and green. */
  groups: [TargetGroupSettings, TargetGroupSettings];
  functions: FunctionPlan[];
  /** Rules of EventBridge. */
  rules: EventRule[];
  deployment: DeploymentSettings;
  /** A sentence on what the stacks do not say of the deployment; null if they say all. */
  assumed: string | null;
  /** Properties of AWS::CloudWatch::Alarm of the alarms that a deployment watches. */
  alarms: Record<string, any>[];
  secrets: PlannedSecret[];
  /** What the migrate project of the pipeline fills into taskdef.json and appspec.yaml. */
  variables: Record<string, string>;
  /** The task definition of a build, whose image is filled in as CodePipeline does. */
  taskDefinition(revision: number, image: string, variables: Record<string, string>): TaskDefinition;
}

/**
 * Reads taskdef.json, appspec.yaml and the synthesized stacks.
 *
 * @param stacks folder with the templates
 * @param environment name of the one that is rehearsed; null is the first one by name
 * @throws Error that names the file, and what is missing in it
 */
export function readPlan(stacks: string, environment: string | null = null): Plan {
  const installation = new Installation(ofEnvironment(templatesIn(stacks), environment));
  const service = installation.one('AWS::ECS::Service').properties;
  const group = installation.one('AWS::CodeDeploy::DeploymentGroup').properties;
  const [pair] = group.LoadBalancerInfo.TargetGroupPairInfoList;
  const watched: string[] = (group.AlarmConfiguration?.Alarms ?? []).map(({ Name }: { Name: string }) => Name);
  const name = String(service.ServiceName);
  const variables = variablesOf(installation, `${name}-migrate`);
  const functions = installation.all('AWS::Lambda::Function').flatMap(functionOf);
  const balancer = installation.one('AWS::ElasticLoadBalancingV2::LoadBalancer');
  const attributes = attributesOf(balancer.properties.LoadBalancerAttributes);
  return {
    cluster: name,
    service: name,
    desired: Number(service.DesiredCount),
    healthGraceMs: Number(service.HealthCheckGracePeriodSeconds ?? 0) * 1_000,
    idleTimeoutMs: Number(attributes['idle_timeout.timeout_seconds'] ?? 60) * 1_000,
    dropsInvalidHeaders: attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true',
    loadBalancer: installation.attribute(balancer.id, 'LoadBalancerFullName'),
    listeners: { production: pair.ProdTrafficRoute.ListenerArns[0], test: pair.TestTrafficRoute.ListenerArns[0] },
    urls: {
      ...listenersAt(installation, installation.attribute(balancer.id, 'DNSName')),
      receiver: installation.attribute(installation.one('AWS::Lambda::Url').id, 'FunctionUrl'),
    },
    groups: groupsOf(
      installation,
      pair.TargetGroups.map(({ Name }: { Name: string }) => Name),
      service,
    ),
    functions,
    rules: installation.all('AWS::Events::Rule').flatMap(ruleOf),
    deployment: deploymentOf(group, watched, hooksOf(name)),
    assumed: assumedOf(group.DeploymentConfigName),
    alarms: installation
      .all('AWS::CloudWatch::Alarm')
      .map(({ properties }) => properties)
      .filter(({ AlarmName }) => watched.includes(AlarmName)),
    secrets: secretsIn(installation, [variables, ...functions.map((one) => one.environment)].flatMap(Object.values<string>)),
    variables,
    taskDefinition: (revision, image, more) =>
      taskDefinitionOf(revision, image, { AWS_REGION: PLACE.region, ...variables, ...more }),
  };
}

function groupsOf(
  installation: Installation,
  names: string[],
  service: Record<string, any>,
): [TargetGroupSettings, TargetGroupSettings] {
  const first = service.LoadBalancers[0].TargetGroupArn;
  const groups = installation
    .all('AWS::ElasticLoadBalancingV2::TargetGroup')
    .map((made) => groupOf(made, installation.ref(made.id)))
    .filter(({ name }) => names.includes(name));
  const [blue, green] = groups.toSorted((a, b) => Number(b.arn === first) - Number(a.arn === first));
  if (!blue || !green || blue.arn !== first)
    throw new Error(
      `The deployment group needs two target groups, and the service's is one of them; it names ${names.join(', ')}.`,
    );
  return [blue, green];
}

/** With a domain, listeners are reached by its name, and by TLS, which is not played. */
function listenersAt(installation: Installation, dnsName: string): { production: string; test: string } {
  const [record] = installation.all('AWS::Route53::RecordSet').filter(({ properties }) => properties.AliasTarget);
  const host = record ? String(record.properties.Name).replace(/\.$/, '') : dnsName;
  const [scheme, { production, test }] = record ? ['https', ports.https] : ['http', ports.http];
  return { production: `${scheme}://${host}:${production}`, test: `${scheme}://${host}:${test}` };
}

/** Of a rule without a pattern, which has a schedule, nothing. */
function ruleOf({ properties: { EventPattern: pattern, Targets = [] } }: Made): EventRule[] {
  return pattern ? [{ pattern, targets: Targets.map(({ Arn }: { Arn: unknown }) => String(Arn)) }] : [];
}

function functionOf({ properties }: Made): FunctionPlan[] {
  if (typeof properties.FunctionName !== 'string') return [];
  const file = String(properties.Handler).replace(/\.handler$/, '');
  const environment = properties.Environment?.Variables ?? {};
  return [{ name: properties.FunctionName, file, timeoutMs: Number(properties.Timeout ?? 3) * 1_000, environment }];
}

function deploymentOf(group: Record<string, any>, alarms: string[], hooks: Record<string, string>): DeploymentSettings {
  const blueGreen = group.BlueGreenDeploymentConfiguration;
  const ready = blueGreen.DeploymentReadyOption;
  return {
    application: group.ApplicationName,
    group: group.DeploymentGroupName,
    shift: shiftOf(group.DeploymentConfigName),
    terminationWaitMs: Number(blueGreen.TerminateBlueInstancesOnDeploymentSuccess?.TerminationWaitTimeInMinutes ?? 0) * MINUTE_MS,
    readyWaitMs: ready?.ActionOnTimeout === 'STOP_DEPLOYMENT' ? Number(ready.WaitTimeInMinutes ?? 0) * MINUTE_MS : null,
    rollbackOn: group.AutoRollbackConfiguration?.Enabled ? group.AutoRollbackConfiguration.Events : [],
    alarms: group.AlarmConfiguration?.Enabled ? alarms : [],
    ignorePollAlarmFailure: group.AlarmConfiguration?.IgnorePollAlarmFailure ?? false,
    hooks,
  };
}

function variablesOf(installation: Installation, project: string): Record<string, string> {
  const found = installation.all('AWS::CodeBuild::Project').find(({ properties }) => properties.Name === project);
  if (!found) throw new Error(`The stacks have no project ${project}, which fills in taskdef.json.`);
  const given = found.properties.Environment.EnvironmentVariables as { Name: string; Value: string }[];
  return Object.fromEntries(given.map(({ Name, Value }) => [Name, String(Value)]));
}

/** Of appspec.yaml: lifecycle event → function. */
function hooksOf(name: string): Record<string, string> {
  const text = fillIn('appspec.yaml', readFileSync(join(ROOT, 'appspec.yaml'), 'utf8'), { NAME: name });
  const { Hooks = [] } = parse(text) as { Hooks?: Record<string, string>[] };
  const hooks = Object.assign({}, ...Hooks) as Record<string, string>;
  const unknown = Object.keys(hooks).filter((event) => !HOOK_EVENTS.has(event));
  if (unknown.length > 0) throw new Error(`appspec.yaml has hooks for ${unknown.join(', ')}, which CodeDeploy has not for ECS.`);
  return hooks;
}

function taskDefinitionOf(revision: number, image: string, variables: Record<string, string>): TaskDefinition {
  const text = fillIn('taskdef.json', readFileSync(join(ROOT, 'taskdef.json'), 'utf8'), variables).replaceAll(
    '<IMAGE1_NAME>',
    image,
  );
  const whole = JSON.parse(withEnvironment('taskdef.json', text, variables.EXTRA_ENVIRONMENT));
  const { family, containerDefinitions } = whole;
  const [app] = containerDefinitions;
  const check = app.healthCheck;
  const twice = (app.secrets ?? []).filter(({ name }: Named) => (app.environment ?? []).some((one: Named) => one.name === name));
  // ECS refuses a name that is in both.
  if (twice.length > 0) throw new Error(`taskdef.json has ${twice[0].name} in environment and in secrets.`);
  return {
    arn: `arn:aws:ecs:${PLACE.region}:${PLACE.account}:task-definition/${family}:${revision}`,
    family,
    image: app.image,
    environment: Object.fromEntries(
      (app.environment ?? []).map(({ name, value }: { name: string; value: string }) => [name, value]),
    ),
    secrets: Object.fromEntries(
      (app.secrets ?? []).map(({ name, valueFrom }: { name: string; valueFrom: string }) => [name, valueFrom]),
    ),
    containerName: app.name,
    port: app.portMappings[0].containerPort,
    command: app.command ?? null,
    // Defaults: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    healthCheck: check
      ? {
          command: check.command,
          intervalMs: (check.interval ?? 30) * 1_000,
          timeoutMs: (check.timeout ?? 5) * 1_000,
          retries: check.retries ?? 3,
          startPeriodMs: (check.startPeriod ?? 0) * 1_000,
        }
      : null,
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: 30 s without it.
    stopTimeoutMs: (app.stopTimeout ?? 30) * 1_000,
    settings: settingsOf(whole),
  };
}
