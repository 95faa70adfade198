import { BadConfiguration, faultsOf, withoutEmpty } from './config.js';
import { migrationVariables, variables } from './variables.js';

/** A database user of a URL, and the variable that has the URL. */
export interface DatabaseUser {
  variable: 'DATABASE_URL' | 'DATABASE_MIGRATION_URL';
  name: string;
  password: string;
}

/** The two users that `migrate` makes, and the URL of the user that may make them. */
export interface DatabaseUsers {
  adminUrl: string;
  database: string;
  data: DatabaseUser;
  migration: DatabaseUser;
}

/** What the command `migrate` needs to know about database users. */
export interface MigrationConfig {
  /** The URL to migrate with; null on the embedded database. */
  mysqlUrl: string | null;
  /** The users to make first; null if DATABASE_ADMIN_URL is not set. */
  users: DatabaseUsers | null;
}

const urls = migrationVariables.extend({ DATABASE_URL: variables.shape.DATABASE_URL });
type Urls = { [Name in keyof typeof urls.shape]?: string | undefined };
type Variable = keyof Urls;

/**
 * The configuration that only `migrate` reads. Without DATABASE_MIGRATION_URL and DATABASE_ADMIN_URL, DATABASE_URL does everything.
 * Throws BadConfiguration with all faults together.
 */
export function loadMigrationConfig(environment: NodeJS.ProcessEnv): MigrationConfig {
  const parsed = urls.safeParse(withoutEmpty(environment));
  if (!parsed.success) throw new BadConfiguration(faultsOf(parsed.error));
  const given: Urls = parsed.data;
  const faults = faultsIn(given);
  if (faults.length > 0) throw new BadConfiguration(faults);
  return { mysqlUrl: given.DATABASE_MIGRATION_URL ?? given.DATABASE_URL ?? null, users: usersOf(given) };
}

function usersOf(given: Urls): DatabaseUsers | null {
  const { DATABASE_ADMIN_URL: adminUrl, DATABASE_URL: data, DATABASE_MIGRATION_URL: migration } = given;
  if (!adminUrl || !data || !migration) return null;
  return {
    adminUrl,
    database: partsOf(data).database,
    data: { variable: 'DATABASE_URL', name: partsOf(data).name, password: partsOf(data).password },
    migration: { variable: 'DATABASE_MIGRATION_URL', name: partsOf(migration).name, password: partsOf(migration).password },
  };
}

function faultsIn(given: Urls): string[] {
  const { DATABASE_URL: data, DATABASE_MIGRATION_URL: migration, DATABASE_ADMIN_URL: admin } = given;
  const set = (Object.keys(given) as Variable[]).filter((name) => given[name] !== undefined);
  const unreadable = set.filter((name) => !isReadable(given[name]!));
  if (unreadable.length > 0) return unreadable.map((name) => `${name} has a % that begins no escape: write % itself as %25.`);
  if (!migration && !admin) return [];
  if (!data) return ['DATABASE_URL is missing: it names the database, and the user of the running service.'];
  if (migration && partsOf(migration).database !== partsOf(data).database)
    return ['DATABASE_MIGRATION_URL names another database than DATABASE_URL: both must name the same one.'];
  if (!admin) return [];
  if (!migration)
    return [
      'DATABASE_MIGRATION_URL is missing: DATABASE_ADMIN_URL takes from the user of DATABASE_URL the right to change tables, so name another user that gets it.',
    ];
  return faultsOfUsers({ DATABASE_URL: data, DATABASE_MIGRATION_URL: migration }, admin);
}

/** What is wrong with the URLs of the users that are to be made. */
function faultsOfUsers(made: { DATABASE_URL: string; DATABASE_MIGRATION_URL: string }, admin: string): string[] {
  const faults: string[] = [];
  const adminName = partsOf(admin).name;
  if (partsOf(made.DATABASE_URL).database === '')
    faults.push('DATABASE_URL names no database: write it after the host, …:3306/posthorn.');
  if (adminName === '') faults.push('DATABASE_ADMIN_URL has no user: write mysql://user:password@host:3306.');
  for (const [variable, url] of Object.entries(made)) {
    const { name, password, tls } = partsOf(url);
    if (name === '' || password === '')
      faults.push(`${variable} has no user or no password: migrate makes the user that it names.`);
    else if (name === adminName)
      faults.push(
        `${variable} names the user of DATABASE_ADMIN_URL: name another one, because migrate takes from it all rights that it does not need.`,
      );
    if (!tls && partsOf(admin).tls)
      faults.push(`${variable} has no ?ssl=…, but DATABASE_ADMIN_URL has: the users that migrate makes then have to use TLS.`);
  }
  if (partsOf(made.DATABASE_URL).name === partsOf(made.DATABASE_MIGRATION_URL).name)
    faults.push(
      'DATABASE_MIGRATION_URL names the user of DATABASE_URL: name another one, because only it gets the right to change tables.',
    );
  return faults;
}

/** The parts of a URL, as the driver reads them. */
function partsOf(url: string): { name: string; password: string; database: string; tls: boolean } {
  const { username, password, pathname, searchParams } = new URL(url);
  return {
    name: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    tls: ![null, '', 'false'].includes(searchParams.get('ssl')),
  };
}

function isReadable(url: string): boolean {
  try {
    partsOf(url);
    return true;
  } catch {
    return false;
  }
}
