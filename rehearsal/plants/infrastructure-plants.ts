import { NOTICED_BY_THE_CHECK, type Plant } from './plant.js';

const HOOK = 'infra/hooks/release-check.mjs';
const STATUS = "const status = good ? 'Succeeded' : 'Failed';";

/** Mistakes in taskdef.json, in the stacks, and in the functions of a release. */
export const INFRASTRUCTURE_PLANTS: readonly Plant[] = [
  {
    name: 'stop-timeout',
    area: 'stopTimeout',
    mistake: 'stopTimeout is two seconds: a task is killed in the middle of its drain',
    edits: [{ file: 'taskdef.json', from: '"stopTimeout": 120,', to: '"stopTimeout": 2,' }],
    scenario: 'slow-customers',
    says: /no delivery was cut/,
  },
  {
    name: 'no-listener',
    area: 'release gate',
    mistake: 'The task definition does not name the listener: every task takes itself for the only version',
    edits: [
      {
        file: 'taskdef.json',
        from: '        { "name": "RELEASE_LISTENER_ARN", "value": "${LISTENER_ARN}" },\n',
        to: '',
      },
    ],
    scenario: 'queue-share',
    says: /green delivers nothing before it has traffic/,
  },
  {
    name: 'liveness-asked',
    area: 'readiness',
    mistake: 'The target groups ask whether a task is alive, not whether it is ready',
    edits: [{ file: 'infra/lib/settings.ts', from: '  path: health.ready,', to: '  path: health.live,' }],
    scenario: 'never-ready',
    says: NOTICED_BY_THE_CHECK,
  },
  {
    name: 'any-status-healthy',
    area: 'health-check thresholds',
    mistake: 'The matcher of the health check takes every status for healthy',
    edits: [{ file: 'infra/lib/traffic.ts', from: "matcher: { httpCode: '200' },", to: "matcher: { httpCode: '200-599' }," }],
    scenario: 'never-ready',
    says: NOTICED_BY_THE_CHECK,
  },
  {
    name: 'late-unhealthy',
    area: 'health-check thresholds',
    mistake: 'Ten checks have to fail before a target is unhealthy: for minutes requests go to one that answers nothing',
    edits: [{ file: 'infra/lib/settings.ts', from: '  unhealthyThreshold: 3,', to: '  unhealthyThreshold: 10,' }],
    scenario: 'zone-cut-off',
    says: /the load balancer leaves targets that answer nothing within a minute/,
  },
  {
    name: 'misspelt-unhealthy',
    area: 'alarm dimensions',
    mistake: 'The alarms on unhealthy targets name a metric that does not exist',
    edits: [{ file: 'infra/lib/metrics.ts', from: "'UnHealthyHostCount', 'Maximum'", to: "'UnhealthyHostCount', 'Maximum'" }],
    scenario: 'never-ready',
    says: /it ended for the reason that the scenario is about \(MANUAL_STOP/,
  },
  {
    name: 'misspelt-latency',
    area: 'alarm dimensions',
    mistake: 'The alarms on latency name a metric that does not exist',
    edits: [{ file: 'infra/lib/metrics.ts', from: "'TargetResponseTime', 'p95'", to: "'TargetResponseTimes', 'p95'" }],
    scenario: 'good-release',
    says: /the metrics of all alarms have data \(.*TargetResponseTimes/,
  },
  {
    name: 'no-deregistration-delay',
    area: 'deregistration delay',
    mistake: 'The deregistration delay is 0: requests under way are cut when a task leaves its target group',
    edits: [{ file: 'infra/lib/settings.ts', from: 'deregistrationDelay: 30,', to: 'deregistrationDelay: 0,' }],
    scenario: 'long-requests',
    says: /no request failed .*× 502/,
  },
  {
    name: 'name-as-dimension',
    area: 'alarm dimensions',
    mistake: "The alarms have the target group's name as dimension, where its full name belongs: they have no data",
    edits: [
      {
        file: 'infra/lib/metrics.ts',
        from: 'TargetGroup: this.traffic[colour].attrTargetGroupFullName,',
        to: 'TargetGroup: this.traffic[colour].attrTargetGroupName,',
      },
    ],
    scenario: 'failing-canary',
    says: /the deployment is Stopped \((Succeeded|Failed)/,
  },
  {
    name: 'blue-watched-twice',
    area: 'alarm dimensions',
    mistake: "Green's alarms watch blue",
    edits: [
      {
        file: 'infra/lib/metrics.ts',
        from: 'TargetGroup: this.traffic[colour].attrTargetGroupFullName,',
        to: 'TargetGroup: this.traffic.blue.attrTargetGroupFullName,',
      },
    ],
    scenario: 'failing-canary',
    says: /the deployment is Stopped \((Succeeded|Failed)/,
  },
  {
    name: 'hook-says-good',
    area: 'hook callback',
    mistake: 'The hook tells CodeDeploy Succeeded, whatever it found',
    edits: [{ file: HOOK, from: STATUS, to: "const status = good ? 'Succeeded' : 'Succeeded';" }],
    scenario: 'hook-fails',
    says: /the deployment is Failed \(/,
  },
  {
    name: 'hook-says-bad',
    area: 'hook callback',
    mistake: 'The hook tells CodeDeploy the opposite of what it found',
    edits: [{ file: HOOK, from: STATUS, to: "const status = good ? 'Failed' : 'Succeeded';" }],
    scenario: 'good-release',
    says: /the deployment is Succeeded \(Failed: The function of AfterAllowTestTraffic told the status Failed/,
  },
  {
    name: 'hook-tells-nothing',
    area: 'hook callback',
    mistake: 'The hook never tells CodeDeploy what it found',
    edits: [
      {
        file: HOOK,
        from: '    await retry(3, 1_000, () => client.send(new PutLifecycleEventHookExecutionStatusCommand(command)));\n',
        to: '',
      },
    ],
    scenario: 'good-release',
    says: /the deployment is Succeeded \(Failed: The function of AfterAllowTestTraffic told no status within/,
  },
  {
    name: 'alarm-keeps-green',
    area: 'rollback',
    mistake: 'An alarm stops the deployment, but does not give the traffic back',
    edits: [
      {
        file: 'infra/lib/release.ts',
        from: "events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],",
        to: "events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST'],",
      },
    ],
    scenario: 'failing-canary',
    says: /it was rolled back \(false\)/,
  },
  {
    name: 'watcher-keeps-green',
    area: 'rollback',
    mistake: 'The crash-loop watcher stops the deployment without a rollback',
    edits: [{ file: 'infra/hooks/crash-loop-watcher.mjs', from: 'autoRollbackEnabled: true', to: 'autoRollbackEnabled: false' }],
    scenario: 'crash-loop',
    says: /it was rolled back \(false\)/,
  },
];
