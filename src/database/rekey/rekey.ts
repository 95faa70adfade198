import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { AppConfig } from '../../config/config.js';
import { recordCommand } from '../audit-rows.js';
import { DataKeys } from '../data-keys/data-keys.js';
import { createDataSource } from '../data-source.js';
import { EndpointSealing, type EndpointName, type EndpointSeal } from '../endpoint-sealing.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { refusalOf } from '../errors.js';
import { MODE_KEPT_MS, SealingMode, turnBindingOn } from '../sealing-mode.js';
import { Transactions } from '../transactions.js';
import { SealBroken } from '../../domain/envelope.js';
import { Sealer, sealedWith } from '../../domain/sealing.js';
import { createLog } from '../../observability/log.js';
import { resealed, sealedTextsOf } from './resealed.js';

/** Endpoints that are read at a time, and at most written in one transaction. */
const BATCH = 100;
/** A line is printed after so many endpoints. */
const PROGRESS = 1_000;
/** A pass finds what running processes have written during the one before. */
const MAX_PASSES = 5;
/** Longer than running processes believe that nothing is bound. */
const SETTLE_MS = MODE_KEPT_MS + 2_000;
/** So many endpoints that can't be opened are named. */
const MAX_NAMED = 100;

export interface Rekeying {
  /** Nothing is written. */
  dryRun: boolean;
  print: (line: string) => void;
}

/** What became of the endpoints of one pass. */
interface Pass {
  seen: number;
  sealed: number;
  /** Endpoint → why it can't be opened. */
  unreadable: Map<string, string>;
  /** Envelope and key → how many texts have them, after the pass. */
  texts: Map<string, number>;
}

/**
 * Seals everything again: with the first key, and bound to its row. The service may run meanwhile, and the command may be stopped and run
 * again: it passes over what is done.
 *
 * Each endpoint is read again and written under the lock of its application, which every other write takes too. So a secret that is rotated
 * at the same time is never overwritten.
 *
 * @returns how many endpoints can't be opened
 */
export async function rekey(config: AppConfig, { dryRun, print }: Rekeying): Promise<number> {
  const dataSource = createDataSource(config);
  const work = new Rekey(dataSource, config, print);
  try {
    await dataSource.initialize();
    if (dryRun) return await work.count();
    const unreadable = await work.run();
    await recordCommand(dataSource, { operation: 'command.rekey', objects: { unreadable: String(unreadable) } });
    return unreadable;
  } catch (error) {
    throw refusalOf(error);
  } finally {
    await work.close();
    if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
  }
}

class Rekey {
  private readonly transactions: Transactions;
  private readonly sealing: EndpointSealing;
  private readonly dataKeys: DataKeys;

  constructor(
    private readonly dataSource: DataSource,
    config: AppConfig,
    private readonly print: (line: string) => void,
  ) {
    this.transactions = new Transactions(dataSource);
    this.dataKeys = new DataKeys(config, dataSource, this.transactions, createLog('warn', undefined, config.serviceName));
    this.sealing = new EndpointSealing(new Sealer(config.sealing.keys), new SealingMode(dataSource), this.dataKeys);
  }

  close(): Promise<void> {
    return this.dataKeys.onApplicationShutdown();
  }

  async count(): Promise<number> {
    const pass = await this.pass(false);
    this.printTexts(pass);
    this.print(`${pass.sealed} of ${pass.seen} endpoints would be sealed again.`);
    return this.printUnreadable(pass);
  }

  async run(): Promise<number> {
    if (await turnBindingOn(this.dataSource)) {
      this.print('Secrets are bound to their rows from now on. Waiting until every running process knows.');
      await pause(SETTLE_MS);
    }
    for (let number = 1; number <= MAX_PASSES; number++) {
      const pass = await this.pass(true);
      this.print(`Pass ${number}: ${pass.sealed} of ${pass.seen} endpoints were sealed again.`);
      if (pass.sealed > 0) continue;
      this.printTexts(pass);
      const unreadable = this.printUnreadable(pass);
      if (unreadable === 0) this.print(this.done);
      return unreadable;
    }
    throw new Error(
      'Other processes seal with another key all the time. Do all of them have the same ENCRYPTION_KEY and ENCRYPTION_KMS_KEY_ID?',
    );
  }

  private get done(): string {
    const { kmsKeyId } = this.dataKeys;
    if (kmsKeyId === null)
      return 'Done. Every secret is sealed with the first key of ENCRYPTION_KEY: the others can go twelve hours from now.';
    const rest = 'Of ENCRYPTION_KEY the first key is still needed; the others can go twelve hours from now.';
    return `Done. Every secret is sealed with data keys of the KMS key ${kmsKeyId}. ${rest}`;
  }

  private async pass(write: boolean): Promise<Pass> {
    const pass: Pass = { seen: 0, sealed: 0, unreadable: new Map(), texts: new Map() };
    for (let last = ''; ;) {
      const batch = await this.read(last);
      if (batch.length === 0) return pass;
      for (const [appId, rows] of Map.groupBy(batch, (row) => row.appId)) await this.apply(pass, appId, rows, write);
      last = batch.at(-1)!.id;
      const before = pass.seen;
      pass.seen += batch.length;
      if (Math.floor(before / PROGRESS) < Math.floor(pass.seen / PROGRESS)) this.print(`${pass.seen} endpoints …`);
    }
  }

  private read(after: string): Promise<Endpoint[]> {
    const query = this.dataSource.getRepository(Endpoint).createQueryBuilder('e').where('e.id > :after', { after });
    return query.orderBy('e.id', 'ASC').take(BATCH).getMany();
  }

  private async apply(pass: Pass, appId: string, rows: readonly Endpoint[], write: boolean): Promise<void> {
    const { orgId } = await this.dataSource.getRepository(Application).findOneByOrFail({ id: appId });
    const seal = await this.sealing.forRekey({ dryRun: !write });
    const isStale = (row: Endpoint) => Object.keys(this.changesOf(pass, { ...row, orgId }, seal)).length > 0;
    const stale = await this.sealing.withKeys(() => rows.filter(isStale));
    const writeAll = () => this.write(pass, { appId, orgId }, stale, seal);
    const written = write && stale.length > 0 ? await this.sealing.withKeys(writeAll) : null;
    pass.sealed += written?.size ?? stale.length;
    for (const row of rows)
      for (const text of sealedTextsOf(written?.get(row.id) ?? row))
        pass.texts.set(sealedWith(text), (pass.texts.get(sealedWith(text)) ?? 0) + 1);
  }

  private changesOf(pass: Pass, row: Endpoint & EndpointName, seal: EndpointSeal): Partial<Endpoint> {
    try {
      return resealed(row, row.orgId, this.sealing, seal);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      // What is deleted is never opened again.
      if (!row.deleted) pass.unreadable.set(row.id, `${row.id} of ${row.appId}: ${error.message}`);
      return {};
    }
  }

  /** The first statement takes the lock; what is read after it does not change before the commit. */
  private write(
    pass: Pass,
    { appId, orgId }: Omit<EndpointName, 'id'>,
    rows: readonly Endpoint[],
    seal: EndpointSeal,
  ): Promise<Map<string, Endpoint>> {
    return this.transactions.write(async (manager) => {
      await manager.query('UPDATE application SET version = version WHERE id = ?', [appId]);
      const written = new Map<string, Endpoint>();
      for (const { id } of rows) {
        const row = await manager.findOneByOrFail(Endpoint, { id });
        const changes = this.changesOf(pass, { ...row, orgId }, seal);
        if (Object.keys(changes).length === 0) continue;
        await manager.update(Endpoint, { id, appId }, changes);
        written.set(id, { ...row, ...changes });
      }
      return written;
    });
  }

  private printTexts({ texts }: Pass): void {
    for (const [kind, count] of [...texts].toSorted()) this.print(`${kind}: ${count} sealed texts`);
  }

  private printUnreadable({ unreadable }: Pass): number {
    if (unreadable.size === 0) return 0;
    this.print(
      `${unreadable.size} endpoints can't be opened. Add their keys to ENCRYPTION_KEY, or write what can't be opened anew (secret, headers, password in the URL):`,
    );
    for (const line of [...unreadable.values()].slice(0, MAX_NAMED)) this.print(`  ${line}`);
    return unreadable.size;
  }
}
