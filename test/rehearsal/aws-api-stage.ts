import { createRequire } from 'node:module';
import { join } from 'node:path';
import { codeDeployService } from '../../rehearsal/aws-api/codedeploy.js';
import { cloudWatchService } from '../../rehearsal/aws-api/cloudwatch.js';
import { ecsService } from '../../rehearsal/aws-api/ecs.js';
import { loadBalancingService } from '../../rehearsal/aws-api/elastic-load-balancing.js';
import { secretsService } from '../../rehearsal/aws-api/secrets-manager.js';
import { AwsApi } from '../../rehearsal/aws-api/server.js';
import { MetricAlarms } from '../../rehearsal/cloudwatch/alarms.js';
import { Metrics } from '../../rehearsal/cloudwatch/metrics.js';
import type { DeploymentSettings, TaskView, Weights } from '../../rehearsal/model.js';
import { ARN, clockOf, definitionOf, stageOf } from './codedeploy-stage.js';

const INFRA = join(import.meta.dirname, '..', '..', 'infra');
export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
export const SECRET = {
  arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:posthorn/jwt-key-a1b2c3',
  name: 'posthorn/jwt-key',
  value: 's3cret',
};
export const ALARM = {
  AlarmName: 'posthorn-release-blue-5xx',
  Namespace: 'Posthorn',
  MetricName: 'errors',
  Dimensions: [{ Name: 'service', Value: 'posthorn' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 0,
  TreatMissingData: 'notBreaching',
};

/** A client of infra's: its package is one that the functions use. `npm ci` in infra/ installs it. */
export function infraClient(name: string): any {
  return createRequire(join(INFRA, 'package.json'))(`@aws-sdk/client-${name}`);
}

export function taskOf(nth: number, more: Partial<TaskView> = {}): TaskView {
  return {
    arn: `arn:aws:ecs:eu-west-1:123456789012:task/posthorn/${String(nth).padStart(32, '0')}`,
    taskDefinition: definitionOf(1).arn,
    startedBy: 'ecs-svc/1',
    lastStatus: 'RUNNING',
    healthStatus: 'HEALTHY',
    address: `127.0.1.${nth}`,
    zone: 'eu-west-1a',
    stopCode: null,
    stoppedReason: null,
    exitCode: null,
    ...more,
  };
}

/** The whole API over fakes, listening. */
export async function startApi(settings: Partial<DeploymentSettings> = {}, otherRules: Weights[] = []) {
  const stage = stageOf(settings, 60_000);
  const { service, production, test, groups, deployments, journal } = stage;
  const real = clockOf(60_000);
  let ahead = 0;
  const clock = { ...real, now: () => real.now() + ahead };
  const metrics = new Metrics(clock);
  const alarms = new MetricAlarms([ALARM], { metrics, clock, journal });
  const api = new AwsApi(journal);
  const url = await api.start();
  const [clusterArn, serviceArn] = [
    'arn:aws:ecs:eu-west-1:123456789012:cluster/posthorn',
    'arn:aws:ecs:eu-west-1:123456789012:service/posthorn/posthorn',
  ];
  api.serve(
    loadBalancingService({
      loadBalancerArn: `${ARN}:loadbalancer/app/posthorn/50dc6c495c0c9188`,
      listeners: [production, test],
      groups,
      otherRules: new Map([[production.arn, otherRules]]),
    }),
    codeDeployService({ deployments, taskDefinition: (arn) => (arn === definitionOf(2).arn ? definitionOf(2) : null) }),
    ecsService({ service, clusterArn, serviceArn, containerName: 'app', containerPort: 3000 }),
    secretsService([SECRET]),
    cloudWatchService({ metrics, alarms }),
  );
  const config = { region: 'eu-west-1', endpoint: url, credentials: CREDENTIALS, maxAttempts: 1 };
  /** Lets so many ms pass for the metrics. */
  const pass = (ms: number) => void (ahead += ms);
  return { ...stage, metrics, cloudwatch: alarms, api, url, config, pass };
}
