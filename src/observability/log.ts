import { createRequire } from 'node:module';
import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { PinoPretty } from 'pino-pretty';

type Fields = Record<string, unknown>;

/** Names under which a secret could reach a log line; their values are replaced, up to two levels deep. */
const CENSORED = new Set(['authorization', 'secret', 'token', 'key', 'payload', 'password']);
const CENSORED_LEVELS = 3;

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

/**
 * Makes the process's log. `destination` is for tests; otherwise it is stdout, to which the lines of one turn of the event loop are written
 * together. A process that ends by itself, also by an uncaught error, writes what is left; one that is killed loses the lines of that turn.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const target = destination ?? (process.stdout.isTTY ? terminal() : standardOutput());
  return new Log(
    pino(
      {
        level,
        base: { service: 'posthorn', pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: (fields) => censored(fields, CENSORED_LEVELS) },
        serializers: { error: pino.stdSerializers.err },
      },
      target,
    ),
  );
}

/** Loaded where somebody watches: its modules would only fill a server's memory. */
function terminal(): DestinationStream {
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  return pretty({ ignore: 'pid,hostname,service', singleLine: true, sync: true });
}

function standardOutput(): DestinationStream {
  const stdout = pino.destination({ fd: 1, sync: true });
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    if (text !== '') stdout.write(text);
  };
  process.on('exit', flush);
  return {
    write(line) {
      if (lines === '') setImmediate(flush);
      lines += line;
    },
  };
}

/** The fields themselves where nothing has to be hidden, which is nearly always: lines are written on the path of every message. */
function censored(fields: Fields, levels: number): Fields {
  let copy: Fields | null = null;
  for (const name in fields) {
    const value = fields[name];
    const shown = CENSORED.has(name) ? '[redacted]' : isNested(value) && levels > 1 ? censored(value, levels - 1) : value;
    if (shown !== value) (copy ??= { ...fields })[name] = shown;
  }
  return copy ?? fields;
}

function isNested(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
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
