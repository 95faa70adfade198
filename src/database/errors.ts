/** The database can't be reached or did not answer in time. The caller may try again later. */
export class DatabaseAway extends Error {}

/** A statement was sent, and the answer did not come in time. The database may still execute it. */
export class DatabaseSilent extends DatabaseAway {}

/** The time in a message id is too far from `now`, the database's time (ms since 1970). Nothing was written. */
export class IdMistimed extends Error {
  constructor(readonly now: number) {
    super("The time in a message id is too far from the database's time. Make the id again.");
  }
}

/** Migrations that this version of the code needs are missing. */
export class SchemaTooOld extends Error {}

/** The database refused a statement that this process needs. The message has the database's error and the statement. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
}

/** At most so many characters of a statement are put into an error message. */
const MAX_SHOWN_CHARS = 300;

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
const DUPLICATE_KEY = 1062;

/** A connection was refused, lost or too slow, or the server is shutting down or has no connection left. */
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

/** The codes among these that mean that no connection was made, so no statement was sent. */
const NOT_CONNECTED_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ER_CON_COUNT_ERROR',
]);
/** The server answers but refuses the login: the configuration has to be changed. */
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
/** The user may connect, but lacks the right that a statement needs. */
const FORBIDDEN_CODES = new Set([
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
]);
/** Messages of a TLS handshake that failed because the connection broke, not because of the certificate. */
const BROKEN_HANDSHAKE = /ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|disconnected/i;

interface DriverError {
  message?: string;
  code?: string;
  /** `connect` if the connection could not be made. */
  syscall?: string;
  errno?: number;
  driverError?: DriverError;
  fatal?: boolean;
}

/** A lock conflict or a lock wait timeout rolled the transaction back. It may be run again. */
export function isLockConflict(error: unknown): boolean {
  const { errno, code } = driverErrorOf(error);
  return errno === DEADLOCK || errno === LOCK_WAIT_TIMEOUT || code === 'SQLITE_BUSY';
}

/** A row with the same primary or unique key exists. */
export function isDuplicateKey(error: unknown): boolean {
  const { errno, code } = driverErrorOf(error);
  return errno === DUPLICATE_KEY || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** The database could not be reached, or its answer was lost. */
export function isAway(error: unknown): boolean {
  const driverError = driverErrorOf(error);
  if (driverError instanceof DatabaseAway) return true;
  const { code, fatal } = driverError;
  return (code !== undefined && AWAY_CODES.has(code)) || fatal === true;
}

/** The statement was sent and its answer was lost: it may have been executed, or may still be. */
export function isUndecided(error: unknown): boolean {
  const driverError = driverErrorOf(error);
  if (driverError instanceof DatabaseAway) return driverError instanceof DatabaseSilent;
  const { code, syscall } = driverError;
  return isAway(error) && syscall !== 'connect' && !NOT_CONNECTED_CODES.has(code ?? '');
}

/** The database's user has no right to do what a statement does. */
export function isForbidden(error: unknown): boolean {
  return FORBIDDEN_CODES.has(driverErrorOf(error).code ?? '');
}

/** Whether a later try can succeed: the database could not be reached, or a lock is held. Any other error would come again. */
export function isTransient(error: unknown): boolean {
  return isLockConflict(error) || (isAway(error) && !isRefusal(error));
}

/**
 * The error together with its statement, as DatabaseRefused; an error without a statement as it is. Only for statements without secret
 * values, such as those at the start of a process and in migrations.
 *
 * @param advice what to do, in whole sentences. It comes first, because the end of a long text is cut off
 */
export function refusalOf(error: unknown, advice = ''): Error {
  if (error instanceof DatabaseRefused) return error;
  const { query, sql } = (error ?? {}) as { query?: unknown; sql?: unknown };
  const text = query ?? sql;
  if (typeof text !== 'string') return error instanceof Error ? error : new Error(String(error));
  const { message, code, errno } = driverErrorOf(error);
  const reason = `${message} (${code ?? errno ?? 'no code'})`;
  const statement = text.replace(/\s+/g, ' ').trim();
  const shown = statement.length > MAX_SHOWN_CHARS ? `${statement.slice(0, MAX_SHOWN_CHARS)} …` : statement;
  const said = `The database refused a statement: ${reason}. The statement: ${shown}`;
  return new DatabaseRefused(advice ? `${advice} ${said}` : said, { cause: error });
}

function isRefusal(error: unknown): boolean {
  const { code = '', message = '' } = driverErrorOf(error);
  return REFUSAL_CODES.has(code) || (code === 'HANDSHAKE_SSL_ERROR' && !BROKEN_HANDSHAKE.test(message));
}

function driverErrorOf(error: unknown): DriverError {
  const outer = (error ?? {}) as DriverError;
  return outer.driverError ?? outer;
}
