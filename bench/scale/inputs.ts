import { parseArgs } from 'node:util';
import { load, type Results } from '../report/results.js';
import { PRICES, type Prices } from './money.js';

/** What a rate's needs are derived from. Each can be given by its name; those that a run measured are taken from its results. */
export const DEFAULTS = {
  /** CPU of the service a message, both roles, in ms: measured by the step "cost". */
  'service-ms': 0.19,
  /** CPU of the database a message, in ms: measured there too. */
  'database-ms': 0.065,
  /** CPU of the cache a message, in ms: measured there too. */
  'cache-ms': 0.015,
  /** Requests to the queue a message: measured there too. */
  'queue-calls': 0.03,
  /** What the database wrote to its disk a message, in KB: measured there too. */
  'database-kb': 3.2,
  /** Transactions of the database a message in that measurement: what a group held can be told from it. */
  'measured-transactions': 0.07,
  /** Share of a message's cost that each further delivery costs again: measured by the step "end-to-end", at fan-out 1 and 5. */
  'delivery-share': 0.54,
  /**
   * What a transaction costs the database, whatever is in it: CPU in ms, and KB written. Measured apart, with 1,200 groups of one
   * message and 150 of thirty, one after the other: 0.55 and 0.05 ms a message, 9.8 and 1.8 KB.
   */
  'transaction-ms': 0.25,
  'transaction-kb': 4,
  /** Statements of a transaction, on average of ingest and outcomes. */
  'transaction-statements': 4.6,
  /** How long a commit takes in two zones, in ms, and each message more that is in it. */
  'commit-ms': 3,
  'commit-row-ms': 0.03,
  /** Spread of that time, as its standard deviation ÷ its mean. */
  'commit-spread': 0.5,
  /** Deliveries a message. */
  'fan-out': 1,
  /** A core of the cloud against one of the machine that measured: below 1 it is slower. */
  'core-speed': 0.7,
  /** How far a core may be used, on average, so that peaks find room. */
  utilization: 0.6,
  /** A task, as size `medium` of infra/lib/settings.ts has it: vCPUs, GB, and cores that it can use (Node's own work has one thread). */
  'task-vcpu': 1,
  'task-gb': 2,
  'task-cores': 1,
  /** Attempts that a task has under way at most: DELIVERY_CONCURRENCY. */
  permits: 1_024,
  /** Share of them that new messages may have. */
  'permit-share': 0.75,
  /** Database connections of a task: DATABASE_POOL_SIZE. */
  pool: 30,
  /** What customers' servers take for an answer, in ms, on average, and its spread: a few take seconds. */
  'endpoint-ms': 150,
  'endpoint-spread': 2,
  /** Spread of the CPU time of a message. */
  'cpu-spread': 1,
  /** Share of the messages that goes through the queue whatever happens, see HANDOFF. */
  'queue-share': 0.01,
  /** Cores of the largest database that one wants to run, and TB that one holds: the limit of RDS is 64 TiB. */
  'database-cores': 32,
  'database-tb': 64,
  /** Bytes of a payload. */
  payload: 300,
  /** Bytes that tables and indexes keep of a message besides its payload, and of a delivery with its attempt: measured apart, too. */
  'message-bytes': 220,
  'delivery-bytes': 815,
  /** Days that all of it is kept. */
  'retention-days': 90,
  /** What the binary log adds to what is written, in KB a message; the measured database keeps none. */
  'binlog-kb': 1,
  /** One write of the logs to the disk, in ms: it takes along whatever else waits. */
  'flush-ms': 1,
  /** Bytes that go between task and database a message; two thirds of it between zones. */
  'wire-bytes': 3_000,
  /** Bytes of a webhook besides its payload (headers, TLS, TCP), and of its answer. */
  'send-bytes': 1_000,
  'answer-bytes': 600,
  /** Bytes of a request to the API and of its answer besides the payload, and requests a connection. */
  'request-bytes': 1_200,
  'requests-a-connection': 100,
  /** Bytes of a log line; a request is one, and each attempt. And the share of the lines that are written. */
  'log-bytes': 350,
  'log-share': 1,
  /** Bytes of an idempotency key in the cache, and how long it is kept: ten minutes for the libraries' own. */
  'key-bytes': 250,
  'key-seconds': 600,
};

export type Inputs = typeof DEFAULTS;

export interface Options {
  inputs: Inputs;
  prices: Prices;
  markdown: boolean;
  /** A Markdown file whose tables are to be replaced. */
  into: string | undefined;
}

export function readOptions(args: string[]): Options {
  const numbers = [...Object.keys(DEFAULTS), ...Object.keys(PRICES)];
  const options = Object.fromEntries(numbers.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({
    args,
    options: { ...options, from: { type: 'string' }, into: { type: 'string' }, markdown: { type: 'boolean' } },
  });
  const given = values as Record<string, string | undefined>;
  const measured = given.from ? measuredIn(load(given.from)) : {};
  return {
    inputs: overridden({ ...DEFAULTS, ...measured }, given),
    prices: overridden(PRICES, given),
    markdown: values.markdown === true,
    into: given.into,
  };
}

function overridden<T extends Record<string, number>>(defaults: T, given: Record<string, string | undefined>): T {
  const read = (name: string, value: number) => {
    const own = given[name] === undefined ? value : Number(given[name]);
    if (Number.isNaN(own)) throw new Error(`--${name} must be a number.`);
    return own;
  };
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, read(name, value)])) as T;
}

/** What a run found out about the cost of a message; what it has no figures of stays out. */
function measuredIn({ steps }: Results): Partial<Inputs> {
  const figuresOf = (step: string, row: string) => {
    const targets = steps.find(({ name }) => name === step)?.rows[row];
    return (targets?.posthorn ?? targets?.server)?.figures;
  };
  const cpu = figuresOf('cost', 'CPU ms');
  if (!cpu) throw new Error('These results are without the step "cost".');
  const one = figuresOf('end-to-end', 'fan-out 1')?.['CPU ms/message']?.median;
  const five = figuresOf('end-to-end', 'fan-out 5')?.['CPU ms/message']?.median;
  const found: Partial<Inputs> = {
    'service-ms': ['service', 'api', 'worker'].reduce((sum, name) => sum + (cpu[name]?.median ?? 0), 0),
    'database-ms': cpu.database?.median,
    'cache-ms': cpu.redis?.median,
    'queue-calls': figuresOf('cost', 'queue')?.calls?.median,
    'database-kb': figuresOf('cost', 'KB written')?.database?.median,
    'measured-transactions': figuresOf('cost', 'SQL')?.commit?.median,
    'delivery-share': one && five ? (five - one) / 4 / one : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
