/** What Redis says when it can't serve for a while; its first word is its code. */
const REDIS_AWAY = /^(LOADING|BUSY|READONLY|MASTERDOWN|OOM|MISCONF|TRYAGAIN|CLUSTERDOWN|NOREPLICAS|UNBLOCKED|UNKILLABLE)\b/;
/** Client faults, as AWS counts them, that pass by themselves. */
const AWS_PASSING = /Throttl|TooManyRequests|LimitExceeded|OverLimit|RequestTimeout|ServiceUnavailable/i;
/** Classes of SQLSTATE: cardinality, data, constraint, authorization, syntax or access rule. */
const SQL_MISTAKE = /^(21|22|23|28|42)/;
const SQLITE_MISTAKE = /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|READONLY|NOTADB|CORRUPT)/;
const BUGS = [RangeError, ReferenceError, SyntaxError];

interface Told {
  name?: string;
  message?: string;
  cause?: unknown;
  $fault?: string;
  code?: unknown;
  sqlState?: unknown;
  driverError?: Told;
}

/**
 * Whether an error is ours, or a refusal that somebody has to put right (no permission, no such queue, wrong credentials, a statement that
 * is wrong), and not the absence of a server: waiting alone will not mend it, so it is logged as an error and not as an outage.
 */
export function isPermanentError(error: unknown): boolean {
  const { name = '', message = '', cause, $fault, driverError } = (error ?? {}) as Told;
  if (isSqlMistake(driverError ?? ((error ?? {}) as Told))) return true;
  if (BUGS.some((Bug) => error instanceof Bug)) return true;
  // fetch() tells of a lost connection by a TypeError, with the reason as its cause.
  if (error instanceof TypeError) return cause === undefined;
  if (name === 'ReplyError') return !REDIS_AWAY.test(message);
  return name === 'CredentialsProviderError' || ($fault === 'client' && !AWS_PASSING.test(name));
}

function isSqlMistake({ code, sqlState }: Told): boolean {
  return SQL_MISTAKE.test(String(sqlState ?? '')) || SQLITE_MISTAKE.test(String(code ?? ''));
}
