import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

type Fields = Record<string, unknown>;

/** Names under which a secret could reach a log line; their values are replaced, up to two levels deep. */
const REDACTED = ['authorization', 'secret', 'token', 'key', 'payload', 'password'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/**
 * The log: one JSON object a line on stdout (pretty only at a terminal). The event is the message, the facts are fields,
 * ids always under the same names: `log.info('delivery.attempted', { appId, msgId, endpointId })`.
 */
export class Log {
  constructor(readonly pino: Logger) {}

  debug(event: string, fields: Fields = {}): void {
    this.pino.debug(fields, event);
  }

  info(event: string, fields: Fields = {}): void {
    this.pino.info(fields, event);
  }

  warn(event: string, fields: Fields = {}): void {
    this.pino.warn(fields, event);
  }

  error(event: string, fields: Fields = {}): void {
    this.pino.error(fields, event);
  }
}

/** Makes the process's log. `destination` is for tests; otherwise stdout, written synchronously so that no line is lost at a crash. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const target =
    destination ??
    (process.stdout.isTTY
      ? pretty({ ignore: 'pid,hostname,service', singleLine: true, sync: true })
      : pino.destination({ fd: 1, sync: true }));
  return new Log(
    pino(
      {
        level,
        base: { service: 'posthorn', pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        redact: { paths: REDACTED, censor: '[redacted]' },
        serializers: { error: pino.stdSerializers.err },
      },
      target,
    ),
  );
}

/** What is known of a failure, without anything that could carry a secret: no query texts, no parameters, no URLs. */
export function errorFields(error: unknown): { error: string; errorCode?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = (error as { code?: unknown }).code;
  const message = error.message || (error.cause instanceof Error ? error.cause.message : '') || error.name;
  return { error: `${error.name}: ${message}`.slice(0, 500), ...(typeof code === 'string' ? { errorCode: code } : {}) };
}

/** Lets Nest write its own lines through the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, context?: unknown): void {
    this.target.debug(String(message), { context });
  }

  debug(message: unknown, context?: unknown): void {
    this.target.debug(String(message), { context });
  }

  verbose(message: unknown, context?: unknown): void {
    this.target.debug(String(message), { context });
  }

  warn(message: unknown, context?: unknown): void {
    this.target.warn(String(message), { context });
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(message instanceof Error ? message.message : String(message), {
      context: rest.at(-1),
      stack: rest.length > 1 ? rest[0] : undefined,
    });
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}
