import { appendFileSync, chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What this service writes there: the database with its companions, the lock and the secrets. */
const OWN_FILE = /^(posthorn\.sqlite|lock\.sqlite|secrets\.json)/;
/** Permissions of the group and of all others; and the sticky bit, which marks folders that many users share, such as /tmp. */
const FOR_OTHERS = 0o077;
const STICKY = 0o1000;

const ANOTHER_FOLDER = 'Set DATA_DIR to a folder that this process may write.';
const MAKE_ROOM = 'Make room on its disk, or set DATA_DIR to a folder on another one.';
/** What to do about the errors of a folder or file that this process can't make or write (errno(3)). */
const WHAT_TO_DO: Record<string, string> = {
  EACCES: ANOTHER_FOLDER,
  EPERM: ANOTHER_FOLDER,
  EROFS: ANOTHER_FOLDER,
  ENOTDIR: ANOTHER_FOLDER,
  EISDIR: ANOTHER_FOLDER,
  EEXIST: ANOTHER_FOLDER,
  ENOSPC: MAKE_ROOM,
  EDQUOT: MAKE_ROOM,
};

/**
 * Makes a folder that only its owner may enter, whatever the umask is. One that exists stays as it is.
 *
 * @throws Error that says what to do if it can't be made
 */
export function makePrivateFolder(folder: string): void {
  explained(folder, () => mkdirSync(folder, { recursive: true, mode: FOLDER_MODE }));
}

/**
 * Makes a file that only its owner may read, and writes `text` at its end, to the disk. SQLite gives its companions (-wal, -shm) the permissions of
 * the file.
 *
 * @throws Error that says what to do if it can't be written
 */
export function makePrivateFile(file: string, text = ''): void {
  explained(file, () => appendFileSync(file, text, { mode: FILE_MODE, flush: text !== '' }));
}

function explained(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice = WHAT_TO_DO[String(code)];
    if (advice === undefined) throw error;
    throw new Error(`${path} can't be written (${code}). ${advice}`, { cause: error });
  }
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
