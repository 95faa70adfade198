/** Error codes of Redis that pass by themselves. The code is the first word of the message. */
const REDIS_AWAY = /^(LOADING|BUSY|READONLY|MASTERDOWN|OOM|MISCONF|TRYAGAIN|CLUSTERDOWN|NOREPLICAS|UNBLOCKED|UNKILLABLE)\b/;
/** Errors that AWS calls the client's fault, but that pass by themselves. */
const AWS_PASSING = /Throttl|TooManyRequests|LimitExceeded|OverLimit|RequestTimeout|ServiceUnavailable/i;
/** Classes of SQLSTATE that mean a mistake: cardinality, data, constraint, authorization, syntax or access rule. */
const SQL_MISTAKE = /^(21|22|23|28|42)/;
const SQLITE_MISTAKE = /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|READONLY|NOTADB|CORRUPT)/;
const BUGS = [RangeError, ReferenceError, SyntaxError];

/** What different libraries put into their errors. */
interface ErrorFacts {
  name?: string;
  message?: string;
  cause?: unknown;
  $fault?: string;
  code?: unknown;
  sqlState?: unknown;
  driverError?: ErrorFacts;
}

/**
 * Whether somebody has to fix the cause of this error: a bug, or a refusal (no permission, no such queue, wrong credentials, a wrong
 * statement). Waiting does not help, so that it is logged as an error. Otherwise a server is away, which passes.
 */
export function isPermanentError(error: unknown): boolean {
  const { name = '', message = '', cause, $fault, driverError } = (error ?? {}) as ErrorFacts;
  if (isSqlMistake(driverError ?? ((error ?? {}) as ErrorFacts))) return true;
  if (BUGS.some((Bug) => error instanceof Bug)) return true;
  // fetch() throws a TypeError for a lost connection too, with the reason as its cause.
  if (error instanceof TypeError) return cause === undefined;
  if (name === 'ReplyError') return !REDIS_AWAY.test(message);
  return name === 'CredentialsProviderError' || ($fault === 'client' && !AWS_PASSING.test(name));
}

function isSqlMistake({ code, sqlState }: ErrorFacts): boolean {
  return SQL_MISTAKE.test(String(sqlState ?? '')) || SQLITE_MISTAKE.test(String(code ?? ''));
}
