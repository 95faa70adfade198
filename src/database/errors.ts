/** The database can't be reached or answers too late: the request may be repeated later. */
export class DatabaseAway extends Error {}

/** The database was asked, and its answer did not come in time: it may still do what it was asked. */
export class DatabaseSilent extends DatabaseAway {}

/** The time in an id is too far from `now`, the database's clock (ms since 1970): nothing was written. */
export class IdMistimed extends Error {
  constructor(readonly now: number) {
    super("The time of an id is not the database's.");
  }
}

/** The schema is older than this version of the code needs. */
export class SchemaTooOld extends Error {}

/** The database refused what this process can't do without; says its words and the statement. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
}

/** Of a statement, in an error's message. */
const SHOWN_CHARS = 300;

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
const DUPLICATE_KEY = 1062;

/** Codes of a connection that was refused, lost or too slow, and of a server that is stopping or full. */
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_CONNECTION_KILLED',
  'ER_QUERY_INTERRUPTED',
  'ER_OPTION_PREVENTS_STATEMENT',
]);

/** Of these, where nothing was asked yet: no connection came about. */
const NEVER_ASKED_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ER_CON_COUNT_ERROR',
]);
/** Codes of a server that is there and lets nobody in as whom we say we are: people have to change that. */
const REFUSAL_CODES = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_ACCOUNT_HAS_BEEN_LOCKED',
  'ER_MUST_CHANGE_PASSWORD',
  'ER_MUST_CHANGE_PASSWORD_LOGIN',
  'ER_NOT_SUPPORTED_AUTH_MODE',
  'ER_PLUGIN_IS_NOT_LOADED',
  'ER_SECURE_TRANSPORT_REQUIRED',
  'AUTH_SWITCH_PLUGIN_ERROR',
  'HANDSHAKE_NO_SSL_SUPPORT',
]);
/** What TLS says when it is the connection that broke, and not the certificate that is wrong. */
const BROKEN_HANDSHAKE = /ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|disconnected/i;

interface DriverError {
  message?: string;
  code?: string;
  /** `connect` if no connection came about. */
  syscall?: string;
  errno?: number;
  driverError?: DriverError;
  fatal?: boolean;
}

/** The transaction was the victim of a lock conflict: nothing of it stands, it may be run again. */
export function isLockConflict(error: unknown): boolean {
  const { errno, code } = driverErrorOf(error);
  return errno === DEADLOCK || errno === LOCK_WAIT_TIMEOUT || code === 'SQLITE_BUSY';
}

export function isDuplicateKey(error: unknown): boolean {
  const { errno, code } = driverErrorOf(error);
  return errno === DUPLICATE_KEY || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** The database could not be asked, or its answer was lost. */
export function isAway(error: unknown): boolean {
  const driverError = driverErrorOf(error);
  if (driverError instanceof DatabaseAway) return true;
  const { code, fatal } = driverError;
  return (code !== undefined && AWAY_CODES.has(code)) || fatal === true;
}

/** The database could not be asked, or its answer was lost, and in the latter case what it was asked may stand, or come to stand. */
export function isUndecided(error: unknown): boolean {
  const driverError = driverErrorOf(error);
  if (driverError instanceof DatabaseAway) return driverError instanceof DatabaseSilent;
  const { code, syscall } = driverError;
  return isAway(error) && syscall !== 'connect' && !NEVER_ASKED_CODES.has(code ?? '');
}

/** Whether waiting helps: the connection was lost or not made yet, or a lock is held. Anything else comes again each time. */
export function isPassing(error: unknown): boolean {
  return isLockConflict(error) || (isAway(error) && !isRefusal(error));
}

/**
 * The error with the statement that it is about, for the start of a process and for migrations: their statements have no values that
 * nobody should see.
 */
export function refusalOf(error: unknown): Error {
  const { query, sql } = (error ?? {}) as { query?: unknown; sql?: unknown };
  const text = query ?? sql;
  if (typeof text !== 'string') return error instanceof Error ? error : new Error(String(error));
  const { message, code, errno } = driverErrorOf(error);
  const words = `${message} (${code ?? errno ?? 'no code'})`;
  const statement = text.replace(/\s+/g, ' ').trim();
  const shown = statement.length > SHOWN_CHARS ? `${statement.slice(0, SHOWN_CHARS)} …` : statement;
  return new DatabaseRefused(`The database refused a statement: ${words}. The statement: ${shown}`, { cause: error });
}

function isRefusal(error: unknown): boolean {
  const { code = '', message = '' } = driverErrorOf(error);
  return REFUSAL_CODES.has(code) || (code === 'HANDSHAKE_SSL_ERROR' && !BROKEN_HANDSHAKE.test(message));
}

function driverErrorOf(error: unknown): DriverError {
  const outer = (error ?? {}) as DriverError;
  return outer.driverError ?? outer;
}
