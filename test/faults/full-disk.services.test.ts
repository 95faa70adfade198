import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeDisk } from '../fault-suite/parts/disk.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { ownDatabase } from '../support/parts.js';
import { startProcess } from '../support/process.js';
import { startMariaDb, type Service } from '../support/services.js';
import { patient, until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Installation, type Server } from './installation.js';

/**
 * All tables are in one file, and it grows in small steps. With one file for each table MariaDB 10.11 ends itself where a small one has not even the
 * space for a rollback ("Out of disk space in rollback"): that is a database that is away, which `database-away` tests.
 */
const ONE_FILE = ['--innodb-file-per-table=0', '--innodb-autoextend-increment=1', '--innodb-log-file-size=8M'];
const PAYLOAD_CHARS = 400_000;
const MOST_MESSAGES = 100;
const HEALTH_MS = 30_000;

/** A user who may not mount a file system runs only the other way. */
const { folder, disk, remove } = makeDisk();
let database: Service;
let customer: Customer;
let installation: Installation;
let server: Server;
let appId: string;

/** The kernel lets no file of the database server grow beyond `size`. This needs no rights. */
const limitFiles = (size: number | 'unlimited') =>
  void execFileSync('prlimit', [`--pid=${database.pid()}`, `--fsize=${size}:unlimited`]);
const sizeOfTables = () => statSync(join(folder, readdirSync(folder)[0]!, 'data', 'ibdata1')).size;

const WAYS: [name: string, fill: () => void, empty: () => void][] = [
  ...(disk ? ([['the file system is full', () => disk.fill(), () => disk.empty()]] as [string, () => void, () => void][]) : []),
  ['no file of the server may grow', () => limitFiles(sizeOfTables()), () => limitFiles('unlimited')],
];

beforeAll(async () => {
  database = await startMariaDb(ONE_FILE, folder);
  customer = await startCustomer();
  installation = await anInstallation({}, { database: await ownDatabase(database.url, 'full_disk') });
  server = await installation.start();
  const { id } = await anApplication(server);
  appId = id;
  await anEndpoint(server, appId, { url: customer.url });
});
afterAll(async () => {
  await installation?.remove();
  await customer?.stop();
  await database?.stop();
  remove();
});

const healthBecomes = (status: number) =>
  until(async () => (await fetch(`${server.url}/health`)).status === status, HEALTH_MS, `health to be ${status}`);
const post = () => server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: { text: 'x'.repeat(PAYLOAD_CHARS) } });

/** Posts messages until one is not accepted. Answers the ids of the others, and that answer. */
async function postUntilRefused() {
  const accepted: string[] = [];
  for (let left = MOST_MESSAGES; left > 0; left--) {
    const answer = await post();
    if (answer.status !== 202) return { accepted, answer };
    accepted.push(answer.body.id);
  }
  throw new Error(`All of ${MOST_MESSAGES} messages found space.`);
}

describe('a MariaDB without space', () => {
  it.each(WAYS)(
    'because %s: 503 and red, said once; accepts and delivers by itself when there is space',
    async (_, fill, empty) => {
      await healthBecomes(200);
      const pid = database.pid();
      const linesBefore = server.log.length;
      fill();
      try {
        const { accepted, answer } = await postUntilRefused();
        expect(answer).toMatchObject({
          status: 503,
          headers: { 'retry-after': '1' },
          body: { code: 'service_unavailable', detail: 'The database can not write at the moment; try again' },
        });
        await healthBecomes(503);
        expect((await server.api.get(`/app/${appId}`)).status).toBe(200);
        const said = server.log.slice(linesBefore).filter((line) => line.includes('"database.not_writable"'));
        expect(said.map((line) => JSON.parse(line))).toMatchObject([
          { level: 'error', reason: 'full', errorCode: 'ER_RECORD_FILE_FULL' },
        ]);

        empty();
        await healthBecomes(200);
        const after = await until(
          async () => (await post()).body.id as string | undefined,
          HEALTH_MS,
          'a message to be accepted',
        );
        await until(() => customer.taken.has(after), HEALTH_MS, 'it to arrive');
        // Those that were accepted while nothing could be claimed come due after the grace of 30 s, which other tests wait for.
        for (const id of accepted) expect((await server.api.get(`/app/${appId}/msg/${id}`)).status).toBe(200);
        expect(database.pid()).toBe(pid);
      } finally {
        empty();
      }
    },
  );
});

if (disk)
  describe('the start of an embedded database on a full disk ends with what to do', () => {
    let own: ReturnType<typeof makeDisk>;
    let dataDir: string;
    beforeEach(() => {
      own = makeDisk();
      dataDir = join(own.folder, 'data');
    });
    afterEach(() => own.remove());
    /** Leaves room for so many bytes. */
    const fillBut = (bytes: number) => {
      const filler = join(own.folder, 'removed');
      writeFileSync(join(own.folder, 'kept'), 'x');
      writeFileSync(filler, Buffer.alloc(bytes));
      own.disk!.fill();
      rmSync(filler);
    };
    const logOfStart = async () => {
      const started = await startProcess({ DATA_DIR: dataDir, METRICS_PORT: '0' }, { untilReady: false });
      const late = setTimeout(() => void started.kill(), patient(20_000));
      expect(await started.exited.finally(() => clearTimeout(late))).toMatchObject({ code: 1 });
      return started.log.join('\n');
    };

    it('if not even the secrets find space, and leaves nothing behind', async () => {
      fillBut(0);

      expect(await logOfStart()).toContain(
        "can't be written (ENOSPC). Make room on its disk, or set DATA_DIR to a folder on another one.",
      );
      expect(readdirSync(dataDir)).toEqual([]);
    });

    it.each([8_000, 24_000, 100_000])('if all that finds space are %i bytes', async (bytes) => {
      fillBut(bytes);

      expect(await logOfStart()).toContain('Give the database more space, or remove what takes it. The database ');
    });
  });
