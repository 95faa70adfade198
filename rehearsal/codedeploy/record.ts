import type { DeploymentSettings, DeploymentStatus } from '../model.js';

/** In the order in which they are run: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html */
export const LIFECYCLE_EVENTS = [
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'AllowTestTraffic',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
] as const;

export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

/** https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_LifecycleEvent.html */
export type LifecycleStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped';

/** What ends a deployment before it succeeded, and may take it back. */
export type RollbackEvent = DeploymentSettings['rollbackOn'][number];

/** A deployment, as far as GetDeployment tells of it. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html */
export interface DeploymentRecord {
  readonly id: string;
  readonly creator: 'user' | 'codeDeployRollback';
  readonly configName: string;
  /** ARN of the task definition that is brought in, or back. */
  readonly taskDefinition: string;
  status: DeploymentStatus;
  /** By the clock on the wall: the API's callers know no other. */
  readonly createdAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  /** https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html */
  error: { code: string; message: string } | null;
  /** https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RollbackInfo.html */
  rollback: { rollbackDeploymentId?: string; rollbackTriggeringDeploymentId?: string; rollbackMessage: string } | null;
  readonly events: Record<LifecycleEvent, LifecycleStatus>;
  /** Whether blue waits for its end. */
  terminationWaitStarted: boolean;
}

/** A deployment that was just asked for. */
export function newRecord(
  about: Pick<DeploymentRecord, 'creator' | 'configName' | 'taskDefinition'>,
  events: LifecycleStatus = 'Pending',
): DeploymentRecord {
  return {
    ...about,
    id: `d-${randomName(9)}`,
    status: 'Created',
    createdAt: new Date(),
    startedAt: null,
    completedAt: null,
    error: null,
    rollback: null,
    events: Object.fromEntries(LIFECYCLE_EVENTS.map((event) => [event, events])) as DeploymentRecord['events'],
    terminationWaitStarted: false,
  };
}

/** Whether it is over, well or not. */
export function isOver({ status }: DeploymentRecord): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Stopped';
}

function randomName(length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return Array.from({ length }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}
