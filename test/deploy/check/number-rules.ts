import type { Context } from './context.js';
import { configOf, sizeNames } from './environment-rules.js';
import { sizeFault } from './taskdef-shape.js';

/** A last long poll is let run out: a receive that is cut off leaves its messages invisible. */
const LONG_POLL_SECONDS = 20;
/** For writing down the last outcomes and closing the pools. */
const FLUSH_SECONDS = 10;
/** Connections beside the tasks': the migration, people, the database's own. */
const OTHER_CONNECTIONS = 20;

/** Numbers of which one must be greater than the other, on different sides of the deployment. */
export function checkNumbers(context: Context): void {
  checkBalancer(context);
  checkDelivery(context);
  checkStop(context);
  checkQueue(context);
  for (const size of sizeNames(context)) checkSize(context, size);
}

function checkBalancer({ facts, settings, settingsAt, tellSettings, tellLine }: Context): void {
  const { idleTimeout } = settings.loadBalancer;
  if (facts.keepAliveMs.value <= idleTimeout * 1000) {
    const at = settingsAt('loadBalancer', 'idleTimeout');
    tellLine(
      'http',
      facts.keepAliveMs.line,
      `keep connections for longer than the load balancer's ${idleTimeout} s (${at}): it reuses those just closed, and answers 502`,
    );
  }
  const { interval, timeout, healthyThreshold, unhealthyThreshold, deregistrationDelay } = settings.targetGroup;
  const within = (name: string, value: number, min: number, max: number) => {
    if (value < min || value > max)
      tellSettings(['targetGroup', name], `make ${name} a number from ${min} to ${max}: it is ${value}`);
  };
  within('interval', interval, 5, 300);
  within('timeout', timeout, 2, interval - 1);
  within('healthyThreshold', healthyThreshold, 2, 10);
  within('unhealthyThreshold', unhealthyThreshold, 2, 10);
  within('deregistrationDelay', deregistrationDelay, 1, 3600);
}

function checkDelivery({ facts, tellLine }: Context): void {
  // The lease is the longest send and this margin.
  if (facts.leaseMarginMs.value < FLUSH_SECONDS * 1000)
    tellLine(
      'config',
      facts.leaseMarginMs.line,
      `make the margin ${FLUSH_SECONDS} s or more: a lease must outlive the longest send and what writes it down`,
    );
}

function checkStop(context: Context): void {
  const { facts, settings, container, containerPath, tell, tellLine, tellSettings } = context;
  const { config } = configOf(context, sizeNames(context)[0]!);
  if (!config) return;
  if (config.drainMs !== settings.container.drainSeconds * 1000)
    tellSettings(['container', 'drainSeconds'], `make it ${config.drainMs / 1000}, the app's own drain time`);
  const needed = config.drainMs / 1000 + LONG_POLL_SECONDS + config.delivery.timeoutMs / 1000 + FLUSH_SECONDS;
  if (container.stopTimeout <= needed)
    tell(
      'taskdef',
      [...containerPath, 'stopTimeout'],
      `make stopTimeout more than ${needed} s: drain, last poll, longest delivery and flush take that`,
    );
  const { value, line } = facts.stopLimitMs;
  if (value >= container.stopTimeout * 1000)
    tellLine(
      'start',
      line,
      `give up before ECS does, after less than stopTimeout's ${container.stopTimeout} s: a killed process says nothing`,
    );
  if (value <= needed * 1000)
    tellLine('start', line, `wait for longer than ${needed} s: drain, last poll, longest delivery and flush take that`);
}

function checkQueue({ facts, settings, tellSettings }: Context): void {
  const expected = {
    visibilityTimeout: facts.visibilitySeconds,
    maxReceiveCount: facts.maxReceives,
    retention: facts.retentionSeconds,
  } as const;
  for (const [name, { value, file, line }] of Object.entries(expected)) {
    const has = settings.queue[name as keyof typeof expected];
    if (has !== value)
      tellSettings(['queue', name], `make ${name} ${value}, as the app expects it (${file}:${line}): it is ${has}`);
  }
}

function checkSize(context: Context, name: ReturnType<typeof sizeNames>[number]): void {
  const { settings, settingsAt, tellSettings } = context;
  const { cpu, memory, tasks, poolSize, database } = settings.sizes[name];
  const fault = sizeFault(cpu, memory);
  if (fault) tellSettings(['sizes', name, fault.of], fault.message);
  if (tasks.min < 2) tellSettings(['sizes', name, 'min'], 'run two tasks or more: one zone may be lost');
  if (tasks.max < tasks.min) tellSettings(['sizes', name, 'max'], `make it ${tasks.min} or more, which is the least`);
  const most = poolSize * tasks.max * 2 + OTHER_CONNECTIONS;
  if (most < database.maxConnections) return;
  tellSettings(
    ['sizes', name, 'poolSize'],
    `lower poolSize or tasks.max, or raise maxConnections (${settingsAt('sizes', name, 'maxConnections')}) above ${most}: ${poolSize} × ${tasks.max} tasks × 2 (blue and green) + ${OTHER_CONNECTIONS} others; it is ${database.maxConnections}`,
  );
}
