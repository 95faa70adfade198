import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What this service writes there: the database with its companions, the lock and the secrets. */
const OWN_FILE = /^(posthorn\.sqlite|lock\.sqlite|secrets\.json)/;
/** Permissions of the group and of all others; and the sticky bit, which marks folders that many users share, such as /tmp. */
const FOR_OTHERS = 0o077;
const STICKY = 0o1000;

/** Makes a folder that only its owner may enter, whatever the umask is. One that exists stays as it is. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
}

/** Makes a file that only its owner may read, unless it exists. SQLite gives its companions (-wal, -shm) the permissions of the file. */
export function makePrivateFile(file: string): void {
  closeSync(openSync(file, 'a', FILE_MODE));
}

/**
 * Takes the permissions of the group and of others away from a data folder and the service's files in it. A shared folder, and what
 * belongs to another user, stays as it is.
 *
 * @returns the paths that had more permissions, each with what became of it
 */
export function tightenFolder(folder: string): { path: string; was: string; failed: string | null }[] {
  if (!exists(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => OWN_FILE.test(name))
    .map((name) => ({ path: join(folder, name), mode: FILE_MODE }));
  return [{ path: folder, mode: FOLDER_MODE }, ...files].flatMap(({ path, mode }) => tighten(path, mode) ?? []);
}

function tighten(path: string, mode: number): { path: string; was: string; failed: string | null } | null {
  const now = exists(path);
  if (!now || (now.mode & FOR_OTHERS) === 0) return null;
  const was = (now.mode & 0o7777).toString(8);
  if ((now.mode & STICKY) !== 0) return { path, was, failed: 'it is a folder that several users share' };
  try {
    chmodSync(path, mode);
    return { path, was, failed: null };
  } catch (error) {
    return { path, was, failed: (error as Error).message };
  }
}

/** A file of SQLite may disappear at any moment. */
function exists(path: string): { mode: number } | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
