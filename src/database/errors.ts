import { errorText } from '../observability/error-text.js';
import { ANSWERS, CLIENT_CLASSES, MYSQL_CLASSES, SQLITE_CLASSES, type ErrorAnswer, type ErrorClass } from './error-classes.js';

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
  /** The server's name of the error, where it matters to the caller. */
  code?: string;
}

/** At most so many characters of a statement are put into an error message. */
const MAX_SHOWN_CHARS = 300;

/** Messages of a TLS handshake that failed because the connection broke, not because of the certificate. */
const BROKEN_HANDSHAKE = /ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|disconnected/i;

/** ER_UNKNOWN_ERROR: TiDB's number for errors of TiKV that have none. */
const UNNUMBERED = 1105;
/** What such errors say. After a conflict nothing was written: TiKV has lost a lock of the transaction with its old leader, or aborts it. */
const UNNUMBERED_CLASSES: readonly [text: RegExp, errorClass: ErrorClass][] = [
  [/pessimistic lock retry limit reached|tikv aborts txn|tikv restarts txn/i, 'conflict'],
  [/tikv disk full|disk_full/i, 'full'],
];
const OUTAGES: ReadonlySet<ErrorClass> = new Set(['unreached', 'full', 'readOnly', 'failing']);

interface DriverError {
  message?: string;
  code?: string;
  /** `connect` if the connection could not be made. */
  syscall?: string;
  errno?: number;
  driverError?: DriverError;
  fatal?: boolean;
}

/** The class of an error that a statement or a connection has thrown; `unknown` for anything else. */
export function classOf(error: unknown): ErrorClass {
  const driverError = driverErrorOf(error);
  if (driverError instanceof DatabaseAway) return driverError instanceof DatabaseSilent ? 'lost' : 'unreached';
  const { code = '', errno = 0, message = '', syscall, fatal } = driverError;
  if (typeof code !== 'string') return 'unknown';
  if (code === 'HANDSHAKE_SSL_ERROR' && BROKEN_HANDSHAKE.test(message)) return 'unreached';
  if (errno === UNNUMBERED) return UNNUMBERED_CLASSES.find(([text]) => text.test(message))?.[1] ?? 'unknown';
  const known = code.startsWith('SQLITE_') ? sqliteClassOf(code) : (MYSQL_CLASSES[errno] ?? CLIENT_CLASSES[code]);
  if (known === 'lost' && syscall === 'connect') return 'unreached';
  // The driver marks what ended its connection; whatever that was, another connection may work.
  return known ?? (fatal === true ? 'lost' : 'unknown');
}

/** What follows from an error of the database. */
export function answerTo(error: unknown): ErrorAnswer {
  return ANSWERS[classOf(error)];
}

/** A lock conflict or a lock wait timeout rolled the transaction back. It may be run again. */
export function isLockConflict(error: unknown): boolean {
  return answerTo(error).again === 'at once';
}

/** A row with the same primary or unique key exists. */
export function isDuplicateKey(error: unknown): boolean {
  return classOf(error) === 'duplicate';
}

/** The database can't be used now, for this or for anything else: it can't be reached, can't write, or refuses its user. */
export function isAway(error: unknown): boolean {
  return answerTo(error).again === 'later';
}

/**
 * The database can't be reached or written, whatever it is asked for: so the error says nothing about the work that failed. A lost answer is
 * not among these, because the work itself may have taken too long.
 */
export function isOutage(error: unknown): boolean {
  return OUTAGES.has(classOf(error));
}

/** The statement was sent and its answer was lost: it may have been executed, or may still be. */
export function isUndecided(error: unknown): boolean {
  return answerTo(error).undecided;
}

/** The database's user has no right to do what a statement does. */
export function isForbidden(error: unknown): boolean {
  return classOf(error) === 'forbidden';
}

/** Whether a later try can succeed without a change of the configuration. Any other error would come again. */
export function isTransient(error: unknown): boolean {
  return answerTo(error).waitAtStart;
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
  if (typeof text !== 'string') {
    const plain = error instanceof Error ? error : new Error(String(error));
    return advice ? new DatabaseRefused(`${advice} The database can't be used: ${errorText(error)}`, { cause: error }) : plain;
  }
  const { message, code, errno } = driverErrorOf(error);
  const reason = `${message} (${code ?? errno ?? 'no code'})`;
  const statement = text.replace(/\s+/g, ' ').trim();
  const shown = statement.length > MAX_SHOWN_CHARS ? `${statement.slice(0, MAX_SHOWN_CHARS)} …` : statement;
  const said = `The database refused a statement: ${reason}. The statement: ${shown}`;
  return new DatabaseRefused(advice ? `${advice} ${said}` : said, { cause: error });
}

/** The class of the longest beginning that the table has. */
function sqliteClassOf(code: string): ErrorClass | undefined {
  for (let name = code; name !== 'SQLITE'; name = name.slice(0, name.lastIndexOf('_'))) {
    const known = SQLITE_CLASSES[name];
    if (known) return known;
  }
  return undefined;
}

function driverErrorOf(error: unknown): DriverError {
  const outer = (error ?? {}) as DriverError;
  return outer.driverError ?? outer;
}
