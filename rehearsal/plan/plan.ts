import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadBalancer as ports } from '../../infra/lib/settings.js';
import { fillIn, withEnvironment } from '../../infra/pipeline/fill-in.js';
import { settingsOf } from '../ecs/container-settings.js';
import type { DeploymentSettings, TargetGroupSettings, TaskDefinition } from '../model.js';
import { shiftOf } from './deployment-config.js';
import { Installation, PLACE, type Made } from './installation.js';
import { templatesIn } from './synthesize.js';

const ROOT = join(import.meta.dirname, '..', '..');
const MINUTE_MS = 60_000;

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
  deployment: DeploymentSettings;
  /** Properties of AWS::CloudWatch::Alarm of the alarms that a deployment watches. */
  alarms: Record<string, any>[];
  /** ARN and name of each secret of the stacks. */
  secrets: { arn: string; name: string }[];
  /** What the migrate project of the pipeline fills into taskdef.json and appspec.yaml. */
  variables: Record<string, string>;
  /** The task definition of a build, whose image is filled in as CodePipeline does. */
  taskDefinition(revision: number, image: string, variables: Record<string, string>): TaskDefinition;
}

/**
 * Reads taskdef.json, appspec.yaml and the synthesized stacks.
 *
 * @param stacks folder with the templates
 * @throws Error that names the file, and what is missing in it
 */
export function readPlan(stacks: string): Plan {
  const installation = new Installation(templatesIn(stacks));
  const service = installation.one('AWS::ECS::Service').properties;
  const group = installation.one('AWS::CodeDeploy::DeploymentGroup').properties;
  const [pair] = group.LoadBalancerInfo.TargetGroupPairInfoList;
  const watched: string[] = (group.AlarmConfiguration?.Alarms ?? []).map(({ Name }: { Name: string }) => Name);
  const name = String(service.ServiceName);
  const variables = variablesOf(installation, `${name}-migrate`);
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
      production: `http://${installation.attribute(balancer.id, 'DNSName')}:${ports.http.production}`,
      test: `http://${installation.attribute(balancer.id, 'DNSName')}:${ports.http.test}`,
      receiver: installation.attribute(installation.one('AWS::Lambda::Url').id, 'FunctionUrl'),
    },
    groups: groupsOf(
      installation,
      pair.TargetGroups.map(({ Name }: { Name: string }) => Name),
      service,
    ),
    functions: installation.all('AWS::Lambda::Function').flatMap(functionOf),
    deployment: deploymentOf(group, watched, hooksOf(name)),
    alarms: installation
      .all('AWS::CloudWatch::Alarm')
      .map(({ properties }) => properties)
      .filter(({ AlarmName }) => watched.includes(AlarmName)),
    secrets: installation
      .all('AWS::SecretsManager::Secret')
      .map(({ id, properties }) => ({ arn: installation.ref(id), name: String(properties.Name ?? id) })),
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

/** Defaults: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html */
function groupOf({ properties }: Made, arn: string): TargetGroupSettings {
  const attributes = attributesOf(properties.TargetGroupAttributes);
  return {
    name: properties.Name,
    arn,
    healthPath: properties.HealthCheckPath ?? '/',
    intervalMs: Number(properties.HealthCheckIntervalSeconds ?? 30) * 1_000,
    timeoutMs: Number(properties.HealthCheckTimeoutSeconds ?? 5) * 1_000,
    healthyThreshold: Number(properties.HealthyThresholdCount ?? 5),
    unhealthyThreshold: Number(properties.UnhealthyThresholdCount ?? 2),
    matcher: properties.Matcher?.HttpCode ?? '200',
    deregistrationDelayMs: Number(attributes['deregistration_delay.timeout_seconds'] ?? 300) * 1_000,
    algorithm:
      attributes['load_balancing.algorithm.type'] === 'least_outstanding_requests' ? 'least_outstanding_requests' : 'round_robin',
  };
}

function attributesOf(given: { Key: string; Value: string }[] = []): Record<string, string> {
  return Object.fromEntries(given.map(({ Key, Value }) => [Key, Value]));
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
  return Object.assign({}, ...Hooks) as Record<string, string>;
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
