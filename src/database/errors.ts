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

interface DriverError {
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
  if (error instanceof DatabaseAway) return true;
  const { code, fatal } = driverErrorOf(error);
  return (code !== undefined && AWAY_CODES.has(code)) || fatal === true;
}

/** The database could not be asked, or its answer was lost, and in the latter case what it was asked may stand, or come to stand. */
export function isUndecided(error: unknown): boolean {
  if (error instanceof DatabaseAway) return error instanceof DatabaseSilent;
  const { code, syscall } = driverErrorOf(error);
  return isAway(error) && syscall !== 'connect' && !NEVER_ASKED_CODES.has(code ?? '');
}

function driverErrorOf(error: unknown): DriverError {
  const outer = (error ?? {}) as DriverError;
  return outer.driverError ?? outer;
}
