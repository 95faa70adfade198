import { startMariaDb, startRedis, startSqs, type Service } from '../../support/services.js';
import { folderOn, makeDisk, type Disk } from './disk.js';

/** The servers of a run. All topologies use them, one after the other. */
export interface Servers {
  /** URL of the database server, with a user who may do everything there. */
  databaseUrl: string;
  /** Null if it is somebody else's: then it is neither killed nor frozen. */
  database: Service | null;
  redis: Service;
  sqs: Service;
  /** Null where none can be mounted. */
  disk: Disk | null;
  /** Where data folders go. */
  folder: string;
  stop(): Promise<void>;
}

/** Starts them, but uses the MySQL server at `databaseUrl`, if there is one. */
export async function startServers(databaseUrl: string | undefined): Promise<Servers> {
  const { disk, folder, remove } = makeDisk();
  const [database, redis, sqs] = await Promise.all([
    databaseUrl === undefined ? startMariaDb([], folderOn({ folder }, 'mariadb')) : null,
    startRedis(),
    startSqs(),
  ]);
  return {
    databaseUrl: databaseUrl ?? database!.url,
    database,
    redis,
    sqs,
    disk,
    folder,
    async stop() {
      await Promise.all([database?.stop(), redis.stop(), sqs.stop()]);
      remove();
    },
  };
}
