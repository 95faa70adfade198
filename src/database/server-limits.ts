import type { DataSource } from 'typeorm';
import { dialectOf, SELECT_LIMITS } from './dialect.js';

const MIB = 1024 * 1024;
/** A packet has at most 4 MiB of payloads (mysql-group-rows.ts). Escapes can double them, and the other columns take less than the rest. */
const PACKET_BYTES = 10 * MIB;
/** The largest row is a message of 2 MiB. */
const ROW_BYTES = 3 * MIB;
/** The largest transaction is a batch of 16 MiB with 20,000 deliveries and their indexes. */
const TRANSACTION_BYTES = 50 * MIB;

/** A limit of the database server is below what this service writes. */
export class ServerLimitTooSmall extends Error {
  override readonly name = 'ServerLimitTooSmall';
}

/** One row of the answer to SELECT_LIMITS. */
export interface LimitVariable {
  Variable_name: string;
  Value: string;
}

/**
 * Compares the limits of the database server with the largest that this service writes, so that a server that would refuse it is found at
 * the start and not by the first large message. What the server does not tell is not compared.
 *
 * @throws ServerLimitTooSmall, which says what to set to what
 */
export async function assertServerLimits(dataSource: DataSource): Promise<void> {
  if (dialectOf(dataSource) === 'sqlite') return;
  const problems = limitProblems(await dataSource.query<LimitVariable[]>(SELECT_LIMITS));
  if (problems.length > 0)
    throw new ServerLimitTooSmall(
      `The database server's limits are too small: ${problems.join('; ')}. See "Limits of the server" in docs/operations.md.`,
    );
}

/** What is too small, a text for each. */
export function limitProblems(variables: readonly LimitVariable[]): string[] {
  const values = new Map(variables.map((row) => [row.Variable_name, row.Value]));
  const { performance = {} } = parsed(values.get('tidb_config') ?? '{}');
  const limits: [name: string, value: number, needed: number][] = [
    ['max_allowed_packet', Number(values.get('max_allowed_packet')), PACKET_BYTES],
    // 0: the configuration file decides.
    Number(values.get('tidb_txn_entry_size_limit')) > 0
      ? ['tidb_txn_entry_size_limit', Number(values.get('tidb_txn_entry_size_limit')), ROW_BYTES]
      : ['performance.txn-entry-size-limit of TiDB', Number(performance['txn-entry-size-limit']), ROW_BYTES],
    ['performance.txn-total-size-limit of TiDB', Number(performance['txn-total-size-limit']), TRANSACTION_BYTES],
  ];
  return limits
    .filter(([, value, needed]) => value < needed)
    .map(([name, value, needed]) => `set ${name} to at least ${needed}, it is ${value}`);
}

function parsed(config: string): { performance?: Record<string, unknown> } {
  try {
    return JSON.parse(config) as { performance?: Record<string, unknown> };
  } catch {
    // A TiDB that hides its configuration answers something else.
    return {};
  }
}
