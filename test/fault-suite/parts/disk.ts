import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIZE_KB = 2_000_000;

/** A file system in memory for the databases, which can be made as small as what is on it. */
export interface Disk {
  folder: string;
  /** From now on nothing more can be written. */
  fill(): void;
  /** There is room again. */
  empty(): void;
  remove(): void;
}

/** A disk of its own, or just a folder (with null for `fill`) where this user may not mount one. */
export function makeDisk(): { folder: string; disk: Disk | null; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-disk-'));
  try {
    mount(['-t', 'tmpfs', '-o', `size=${SIZE_KB}k,mode=0755`, 'tmpfs', folder]);
  } catch {
    const remove = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', remove);
    return { folder, disk: null, remove };
  }
  const remove = () => {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
    process.off('exit', remove);
  };
  process.once('exit', remove);
  const disk: Disk = {
    folder,
    fill() {
      // A file system that grows meanwhile can't be made smaller than it is: then once more.
      for (let left = 20; left > 0; left--) {
        const { blocks, bfree, bsize } = statfsSync(folder);
        const usedKb = Math.ceil(((blocks - bfree) * bsize) / 1024);
        if (usedKb === 0)
          throw new Error('An empty disk can not be full: for a tmpfs a size of 0 is no limit. Write something on it first.');
        try {
          return mount(['-o', `remount,size=${usedKb}k`, folder]);
        } catch (error) {
          if (left === 1) throw error;
        }
      }
    },
    empty: () => mount(['-o', `remount,size=${SIZE_KB}k`, folder]),
    remove,
  };
  return { folder, disk, remove };
}

/** A new folder on it. */
export function folderOn(disk: { folder: string }, name: string): string {
  const folder = join(disk.folder, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function mount(args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
}
