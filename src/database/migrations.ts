import { readdirSync } from 'node:fs';
import type { MigrationInterface } from 'typeorm';

type Migration = new () => MigrationInterface;

const FOLDER = new URL('./migrations/', import.meta.url);
/** `1763942400000-first-schema.js`, or `.ts` where the sources run. Neither a source map nor a declaration file. */
const MIGRATION_FILE = /^\d{13}-[a-z0-9-]+\.[jt]s$/;

/** All migrations, oldest first. Each file of the folder `migrations` exports one class, so a new file needs no registration. */
export const MIGRATIONS: readonly Migration[] = await Promise.all(
  readdirSync(FOLDER)
    .filter((file) => MIGRATION_FILE.test(file))
    .sort()
    .map(async (file) => {
      const exported = Object.values((await import(new URL(file, FOLDER).href)) as Record<string, Migration>);
      if (exported.length !== 1) throw new Error(`${file} must export one class, the migration.`);
      return exported[0]!;
    }),
);
