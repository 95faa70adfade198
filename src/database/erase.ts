import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { databaseTime } from './database-clock.js';
import { Application } from './entities/application.entity.js';
import { DeletedRemoval, recordErase } from './removal/deleted-removal.js';
import { addTo, type Removed } from './removal/rows.js';
import { ApplicationRepository } from './repositories/application.repository.js';
import { Transactions } from './transactions.js';

/** A line is printed after so many rows. */
const PROGRESS = 10_000;
/** The pause after a step, as a multiple of the step's time: the service may run meanwhile. */
const PAUSE_FACTOR = 1;
const WAIT_MS = 1_000;
/**
 * A group commit or a request that read the application before its deletion may still be open so long: the time limits of a packet and of a
 * statement, and some more.
 */
const OPEN_WRITES_MS = 15_000;

/** What to erase, and how to tell of it. */
export interface Erasing {
  appId: string;
  /** The organisation that the application must belong to; null for any. */
  orgId: string | null;
  print: (line: string) => void;
  /** How long writes may be open that began before the deletion, in ms. Tests shorten it. */
  openWritesMs?: number;
}

/** The application as it is before. */
export interface Erasable {
  orgId: string;
  appId: string;
  name: string;
  /** When it was deleted; null if it still exists. */
  deletedAt: Date | null;
}

/** The application, deleted ones included; null if there is no row of it (of that organisation). */
export async function findErasable(
  dataSource: DataSource,
  { appId, orgId }: Pick<Erasing, 'appId' | 'orgId'>,
): Promise<Erasable | null> {
  const found = await dataSource.manager.findOneBy(Application, { id: appId, ...(orgId === null ? {} : { orgId }) });
  if (!found) return null;
  return { orgId: found.orgId, appId, name: found.name, deletedAt: found.deleted ? found.updatedAt : null };
}

/**
 * Deletes the application as the API does, if it still exists, and removes everything that belongs to it: the secrets first, its own row last. Answers how
 * many rows were removed, by table. The service may run meanwhile, and deliveries may be open: nothing new is sent after the deletion, and
 * deliveries that are on their way are waited for until their leases have ended.
 *
 * If the process dies: the row of the application is still there, and the command can be run again. The audit log has an entry of the begin, and one
 * of the end in the transaction that removes the last row.
 */
export async function erase(dataSource: DataSource, erasable: Erasable, erasing: Erasing): Promise<Removed> {
  const { appId, orgId } = erasable;
  const { print, openWritesMs = OPEN_WRITES_MS } = erasing;
  const transactions = new Transactions(dataSource);
  const removal = new DeletedRemoval(dataSource, transactions);
  await transactions.write((manager) => recordErase(manager, erasable, 'begun'));
  if (erasable.deletedAt === null) {
    await new ApplicationRepository(dataSource, transactions).remove(orgId, appId);
    print('The application is deleted: nothing is accepted or sent for it any more.');
  }
  await removal.removeSecretsOf(appId);
  print('The secrets, headers and passwords of its endpoints are removed.');
  await waitForOpenWrites(dataSource, appId, openWritesMs);
  return removeAll(removal, { orgId, appId }, print);
}

/** What such writes make is then found by the removal. A process that reads the application after its deletion writes nothing for it. */
async function waitForOpenWrites(dataSource: DataSource, appId: string, openWritesMs: number): Promise<void> {
  const { updatedAt } = await dataSource.manager.findOneByOrFail(Application, { id: appId });
  const rest = updatedAt.getTime() + openWritesMs - (await databaseTime(dataSource));
  if (rest > 0) await pause(Math.min(rest, openWritesMs));
}

async function removeAll(
  removal: DeletedRemoval,
  application: { orgId: string; appId: string },
  print: (line: string) => void,
): Promise<Removed> {
  const total: Removed = new Map();
  let told = 0;
  let waits = false;
  for (;;) {
    const begun = performance.now();
    const step = await removal.stepOfApplication(application, true);
    for (const [table, count] of step.removed) addTo(total, table, count);
    if (step.done) return total;
    const rows = [...total.values()].reduce((sum, count) => sum + count, 0);
    if (rows - told >= PROGRESS) print(`${(told = rows)} rows …`);
    if (step.waiting && !waits) print('Waiting for deliveries that are being sent (at most DELIVERY_TIMEOUT_SECONDS and 45 s) …');
    waits ||= step.waiting;
    await pause(step.waiting ? WAIT_MS : (performance.now() - begun) * PAUSE_FACTOR);
  }
}
