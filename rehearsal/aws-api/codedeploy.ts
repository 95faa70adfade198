import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import type { Deployments } from '../codedeploy/deployment.js';
import type { DeploymentRecord } from '../codedeploy/record.js';
import type { TaskDefinition } from '../model.js';
import { AwsError } from './aws-error.js';
import { epoch, type ApiService } from './service.js';

export interface CodeDeployParts {
  deployments: Deployments;
  /** The task definition of this ARN; null if there is none. */
  taskDefinition(arn: string): TaskDefinition | null;
}

/** https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Operations.html */
export function codeDeployService(parts: CodeDeployParts): ApiService {
  const { deployments } = parts;
  return {
    name: 'CodeDeploy',
    source: 'codedeploy',
    key: 'CodeDeploy_20141006',
    actions: {
      CreateDeployment: (input) => create(parts, input),
      GetDeployment: ({ deploymentId }) => ({ deploymentInfo: infoOf(deployments, deployments.get(idOf(deploymentId))) }),
      ListDeployments: (input) => list(deployments, input),
      StopDeployment: ({ deploymentId, autoRollbackEnabled = null }) => deployments.stop(idOf(deploymentId), autoRollbackEnabled),
      ContinueDeployment: ({ deploymentId, deploymentWaitType = 'READY_WAIT' }) => {
        deployments.continue(idOf(deploymentId), deploymentWaitType);
        return {};
      },
      PutLifecycleEventHookExecutionStatus: ({ deploymentId, lifecycleEventHookExecutionId, status }) => {
        deployments.putHookStatus(idOf(deploymentId), lifecycleEventHookExecutionId, status);
        return { lifecycleEventHookExecutionId };
      },
    },
  };
}

/** Takes a revision with an AppSpec in it, as CodePipeline makes one. The group's own settings are played, whatever else the call says. */
function create({ deployments, taskDefinition }: CodeDeployParts, input: Record<string, any>): object {
  checkGroup(deployments, input);
  const content = input.revision?.appSpecContent?.content;
  if (typeof content !== 'string')
    throw new AwsError('InvalidRevisionException', 'The rehearsal takes a revision with appSpecContent only');
  const { sha256 } = input.revision.appSpecContent;
  if (sha256 && sha256 !== createHash('sha256').update(content).digest('hex'))
    throw new AwsError('InvalidRevisionException', 'The SHA-256 is not that of the content');
  const arn = parse(content)?.Resources?.[0]?.TargetService?.Properties?.TaskDefinition;
  const definition = typeof arn === 'string' ? taskDefinition(arn) : null;
  if (!definition) throw new AwsError('InvalidRevisionException', `There is no task definition ${arn}`);
  return { deploymentId: deployments.start(definition) };
}

function list(deployments: Deployments, input: Record<string, any>): object {
  if (input.applicationName || input.deploymentGroupName) checkGroup(deployments, input);
  const { start = -Infinity, end = Infinity } = input.createTimeRange ?? {};
  const records = deployments.list(input.includeOnlyStatuses ?? null);
  const within = records.filter(({ createdAt }) => epoch(createdAt)! >= start && epoch(createdAt)! <= end);
  return { deployments: within.map(({ id }) => id) };
}

function infoOf({ settings }: Deployments, record: DeploymentRecord): object {
  return {
    applicationName: settings.application,
    deploymentGroupName: settings.group,
    deploymentConfigName: record.configName,
    deploymentId: record.id,
    status: record.status,
    errorInformation: record.error ?? undefined,
    rollbackInfo: record.rollback ?? undefined,
    creator: record.creator,
    createTime: epoch(record.createdAt),
    startTime: epoch(record.startedAt),
    completeTime: epoch(record.completedAt),
    autoRollbackConfiguration: { enabled: settings.rollbackOn.length > 0, events: settings.rollbackOn },
    instanceTerminationWaitTimeStarted: record.terminationWaitStarted,
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    computePlatform: 'ECS',
  };
}

function checkGroup({ settings }: Deployments, { applicationName, deploymentGroupName }: Record<string, any>): void {
  if (applicationName !== settings.application)
    throw new AwsError('ApplicationDoesNotExistException', `No application found for name: ${applicationName}`);
  if (deploymentGroupName !== undefined && deploymentGroupName !== settings.group)
    throw new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${deploymentGroupName}`);
}

function idOf(id: unknown): string {
  if (typeof id !== 'string' || id === '') throw new AwsError('DeploymentIdRequiredException', 'A deployment id has to be given');
  return id;
}
