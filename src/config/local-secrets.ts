import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFile, makePrivateFolder } from './private-folder.js';

/** The secrets of an installation without configured ones. They are generated once and kept in the data folder. Never used in production. */
export interface LocalSecrets {
  jwtSecret: string;
  /** Base64 of 32 bytes. */
  encryptionKey: string;
}

/**
 * Reads the generated secrets of a data folder. If there are none, it generates them first. If two processes start at the same time, both
 * use the same secrets: only one of them can make the hard link to its file.
 */
export function localSecrets(dataDir: string): LocalSecrets {
  const file = join(dataDir, 'secrets.json');
  const existing = read(file);
  if (existing) return existing;
  makePrivateFolder(dataDir);
  const made: LocalSecrets = {
    jwtSecret: randomBytes(32).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    makePrivateFile(draft, `${JSON.stringify(made, null, 2)}\n`);
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(file) ?? made;
}

function read(file: string): LocalSecrets | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LocalSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(
      `${file} can't be read: ${(error as Error).message}. Correct the file, or delete it: new secrets are generated then.`,
      {
        cause: error,
      },
    );
  }
}
