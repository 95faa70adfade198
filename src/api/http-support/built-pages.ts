import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { notFound } from './api-error.js';

/** What the build makes of portal/. The relative path is the same in src and in dist. */
const FOLDER = resolve(import.meta.dirname, '../../../dist/portal');

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file as it is sent. */
export interface BuiltFile {
  bytes: Buffer;
  type: string;
  /** Of the content; null if it is not compressed. */
  encoding: 'br' | 'gzip' | null;
}

/** The pages as the build has made them, read once each. They are compressed at build time. */
export class BuiltPages {
  private readonly read = new Map<string, Promise<Buffer>>();
  private names: ReadonlySet<string> | undefined;

  constructor(private readonly folder = FOLDER) {}

  /** The document of a place. Throws 404 if nothing was built. */
  async document(name: 'index' | 'console' | 'docs'): Promise<Buffer> {
    const path = join(this.folder, `${name}.html`);
    if (!existsSync(path)) throw notFound('The pages are missing: npm run build makes them');
    return this.bytes(path);
  }

  /**
   * A file that the documents name, compressed if the client takes that. Browsers keep it for a year: its name changes with its content.
   * Throws 404 for any other name.
   */
  async asset(name: string, accepted: string): Promise<BuiltFile> {
    const type = TYPES[extname(name)];
    if (type === undefined || !this.known().has(name)) throw notFound('There is no such file in this release');
    const [encoding, ending] = encodingOf(accepted);
    const path = join(this.folder, 'assets', name);
    return { bytes: await this.bytes(`${path}${ending}`), type, encoding };
  }

  private known(): ReadonlySet<string> {
    const assets = join(this.folder, 'assets');
    return (this.names ??= new Set(existsSync(assets) ? readdirSync(assets) : []));
  }

  private bytes(path: string): Promise<Buffer> {
    const known = this.read.get(path);
    if (known) return known;
    const reading = readFile(path);
    this.read.set(path, reading);
    // A file that could not be read is tried again.
    reading.catch(() => this.read.delete(path));
    return reading;
  }
}

function encodingOf(accepted: string): [encoding: BuiltFile['encoding'], ending: string] {
  const taken = accepted
    .toLowerCase()
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';', 1)[0]!.trim());
  if (taken.includes('br')) return ['br', '.br'];
  return taken.includes('gzip') ? ['gzip', '.gz'] : [null, ''];
}
