import type { Context } from './context.js';

/** Retentions that CloudWatch Logs offers: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** Numbers of a size: names that lead to it, the least, the most, and why. */
const RANGES: readonly [readonly string[], number, number, string][] = [
  [['natGateways'], 1, 3, 'the tasks have no other way out, and there are three zones'],
  [['database', 'backupDays'], 1, 35, 'RDS keeps no backup for longer, and with 0 it makes none'],
  [['database', 'storageGb'], 20, 65_536, 'RDS has no other size of storage'],
  [['cache', 'nodes'], 1, 6, 'ElastiCache has at most five replicas beside the primary'],
  [['scaling', 'cpuPercent'], 20, 90, 'below it the fleet never shrinks, above it it never grows'],
  [['scaling', 'memoryPercent'], 20, 90, 'below it the fleet never shrinks, and above it ECS kills tasks first'],
  [['scaling', 'requestsPerTask'], 1, Number.MAX_SAFE_INTEGER, 'the fleet grows by it'],
  [['scaling', 'backlogPerTask'], 1, Number.MAX_SAFE_INTEGER, 'the fleet grows by it'],
];

/** Types of servers: names that lead to them, their form, and how it is called. */
const TYPES: readonly [readonly string[], RegExp, string][] = [
  [
    ['database', 'instanceClass'],
    /^[a-z]\d+[a-z]*\.(\d*x?large|medium|small|micro)$/,
    'a type such as m7g.large, without "db." before it',
  ],
  [
    ['cache', 'nodeType'],
    /^cache\.[a-z]\d+[a-z]*\.(\d*x?large|medium|small|micro)$/,
    'a type such as cache.m7g.large, with "cache." before it',
  ],
];

const valueAt = (object: unknown, names: readonly string[]) =>
  names.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], object);

/** Values of the settings that AWS takes or refuses by themselves. */
export function checkSettings(context: Context): void {
  const { settings, tellSettings } = context;
  const { retentionDays } = settings.logs;
  if (!(RETENTION_DAYS as readonly number[]).includes(retentionDays))
    tellSettings(
      ['logs', 'retentionDays'],
      `make retentionDays one of ${RETENTION_DAYS.join(', ')}: CloudWatch offers no ${retentionDays}`,
    );
  checkListeners(context);
  checkDatabase(context);
  checkConnections(context);
  checkTasks(context);
  for (const [name, size] of Object.entries(settings.sizes)) {
    for (const [names, pattern, form] of TYPES) {
      const value = valueAt(size, names);
      if (!pattern.test(String(value)))
        tellSettings(['sizes', name, ...names], `make ${names.at(-1)} ${form}: it is ${String(value)}`);
    }
    for (const [names, min, max, reason] of RANGES) {
      const value = valueAt(size, names) as number;
      if (!Number.isInteger(value) || value < min || value > max)
        tellSettings(
          ['sizes', name, ...names],
          `make ${names.at(-1)} a whole number from ${min} to ${max}: ${reason}; it is ${value}`,
        );
    }
  }
}

function checkListeners({ settings, tellSettings }: Context): void {
  const { http, https } = settings.loadBalancer;
  for (const [kind, { production, test }] of Object.entries({ http, https })) {
    if ((production as number) === test)
      tellSettings(
        ['loadBalancer', kind, 'test'],
        `give the test listener another port than ${production}, which the production listener has`,
      );
    for (const [name, port] of Object.entries({ production, test })) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        tellSettings(['loadBalancer', kind, name], `make ${name} a port from 1 to 65535: it is ${port}`);
    }
  }
}

/** Longest name of a database, of a user of MySQL, and of the user that RDS makes. */
const MAX_LENGTHS = { name: 64, user: 32, admin: 16 } as const;

/** Of RDS and of MySQL itself. */
const RESERVED_USERS = ['rdsadmin', 'rdsrepladmin', 'rds_superuser_role', 'root', 'mysql'];

/** RDS's own value of max_connections: the memory, in bytes, by this. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html */
const BYTES_A_CONNECTION = 12_582_880;
/** GiB of a class that ends in .large, by the first letter; each next size has twice as much. */
const LARGE_GIB: Readonly<Record<string, number>> = { t: 8, m: 8, r: 16 };
const SIZE_FACTORS: Readonly<Record<string, number>> = { micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1, xlarge: 2 };

/** A server that lets more in than its memory is for runs out of it while it serves them. */
function checkConnections({ settings, tellSettings }: Context): void {
  for (const [name, { database }] of Object.entries(settings.sizes)) {
    const [, family = '', times = '1', size = ''] = /^([a-z])\d+[a-z]*\.(\d*)([a-z]+)$/.exec(database.instanceClass) ?? [];
    const gib = (LARGE_GIB[family] ?? NaN) * (SIZE_FACTORS[size] ?? NaN) * Number(times || 1);
    const most = Math.floor((gib * 2 ** 30) / BYTES_A_CONNECTION);
    if (database.maxConnections > most)
      tellSettings(
        ['sizes', name, 'database', 'maxConnections'],
        `make maxConnections ${most} or fewer, or take a bigger instanceClass: RDS counts one for 12 MB of the ${gib} GiB of ${database.instanceClass}; it is ${database.maxConnections}`,
      );
  }
}

function checkDatabase({ settings, tellSettings }: Context): void {
  const { name, users } = settings.database;
  const check = (path: string[], given: string, most: number) => {
    if (!/^[a-z]\w*$/.test(given) || given.length > most)
      tellSettings(
        ['database', ...path],
        `make ${path.at(-1)} a word of at most ${most} letters, digits and underscores: MySQL and RDS take no other; it is ${given}`,
      );
  };
  check(['name'], name, MAX_LENGTHS.name);
  for (const [role, user] of Object.entries(users)) {
    check(['users', role], user, role === 'admin' ? MAX_LENGTHS.admin : MAX_LENGTHS.user);
    if (RESERVED_USERS.includes(user))
      tellSettings(['database', 'users', role], `give ${role} another name than ${user}: RDS or MySQL has a user of that name`);
    const other = Object.entries(users).find(([, same]) => same === user)![0];
    if (other !== role)
      tellSettings(
        ['database', 'users', role],
        `give ${role} another user than ${other}: each has rights of its own; both are ${user}`,
      );
  }
}

function checkTasks({ settings, tellSettings }: Context): void {
  const most = Math.min(...Object.values(settings.sizes).map(({ tasks }) => tasks.max));
  const { INITIAL_TASKS: first } = settings;
  if (!Number.isInteger(first) || first < 1 || first > most)
    tellSettings(
      ['INITIAL_TASKS'],
      `make INITIAL_TASKS a whole number from 1 to ${most}, the most tasks of the smallest size: it is ${first}`,
    );
}
