import { Interruption } from './interruption.js';
import type { DeploymentParts } from './parts.js';

/**
 * Why the alarms stop a deployment now; null if they don't. An alarm that is in ALARM already stops a new deployment too. If the alarms
 * can't be asked, that stops it as well, unless the group says otherwise.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AlarmConfiguration.html
 */
export function alarming({ settings, alarms }: DeploymentParts): Interruption | null {
  if (settings.alarms.length === 0) return null;
  try {
    const active = alarms.states(settings.alarms).filter(({ state }) => state === 'ALARM');
    if (active.length === 0) return null;
    const names = active.map(({ name }) => `<${name}>`).join(' ');
    return stoppedBy('ALARM_ACTIVE', `The deployment was stopped because of active alarms: ${names}`);
  } catch (error) {
    if (settings.ignorePollAlarmFailure) return null;
    // Assumption: the code of this error, and that it rolls back as an alarm does.
    return stoppedBy('INTERNAL_ERROR', `The deployment was stopped because its alarms could not be read: ${String(error)}`);
  }
}

/** Looks at the alarms again and again, and tells of the first reason to stop. Answers what ends it. */
export function watchAlarms(parts: DeploymentParts, tell: (why: Interruption) => void): () => void {
  const everyMs = Math.max(1, parts.clock.minutes(parts.assumptions.alarmPollMs));
  const timer = setInterval(() => {
    const why = alarming(parts);
    if (!why) return;
    clearInterval(timer);
    tell(why);
  }, everyMs);
  return () => clearInterval(timer);
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html: its status is Stopped then. */
function stoppedBy(code: string, message: string): Interruption {
  return new Interruption(message, { status: 'Stopped', code, trigger: 'DEPLOYMENT_STOP_ON_ALARM' });
}
