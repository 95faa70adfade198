import { createRequire } from 'node:module';
import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { PinoPretty } from 'pino-pretty';
import { shortened } from '../domain/quoted.js';
import { errorText } from './error-text.js';

type Fields = Record<string, unknown>;

/** A secret could be in a field of one of these names. The values are replaced, also in objects, up to two levels deep. */
const CENSORED = new Set(['authorization', 'secret', 'token', 'key', 'payload', 'password']);
const CENSORED_LEVELS = 3;
/** A field can be from a stranger, such as a path of 12 KB: a longer text is cut. Only our own stacks are longer. */
const MAX_FIELD_LENGTH = 1_024;
const MAX_STACK_LENGTH = 8_192;

/**
 * The log: one JSON object per line on stdout (easier to read at a terminal). The message is the name of the event, everything else is
 * in fields, and an id always has the same name: `log.info('delivery.attempted', { appId, msgId, endpointId })`.
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
 * Makes the process's log. `service` is in every line. `destination` is for tests; without it the log is stdout. The lines of one turn of the event loop are written
 * together. If the process ends by itself, also by an uncaught error, it writes what is left. If it is killed, the lines of the turn are
 * lost.
 */
export function createLog(level: string, destination?: DestinationStream, service = 'posthorn'): Log {
  const target = destination ?? (process.stdout.isTTY ? terminal() : standardOutput());
  return new Log(
    pino(
      {
        level,
        base: { service, pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: (fields) => censored(fields, CENSORED_LEVELS) },
        serializers: { error: pino.stdSerializers.err },
      },
      target,
    ),
  );
}

/** Loaded only at a terminal: on a server the modules would only need memory. */
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

/** Hides secrets and cuts long texts. Answers `fields` itself if there is nothing to change, which is the usual case: this runs for every message, so that a copy would cost. */
function censored(fields: Fields, levels: number): Fields {
  let copy: Fields | null = null;
  for (const name in fields) {
    const value = fields[name];
    const shown = CENSORED.has(name) ? '[redacted]' : shownValue(name, value, levels);
    if (shown !== value) (copy ??= { ...fields })[name] = shown;
  }
  return copy ?? fields;
}

function shownValue(name: string, value: unknown, levels: number): unknown {
  if (typeof value === 'string') return cut(value, name === 'stack' ? MAX_STACK_LENGTH : MAX_FIELD_LENGTH);
  if (Array.isArray(value))
    return value.some(isLong) ? value.map((item) => (isLong(item) ? cut(item) : (item as unknown))) : value;
  return isNested(value) && levels > 1 ? censored(value, levels - 1) : value;
}

function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.length > MAX_FIELD_LENGTH;
}

function cut(text: string, max = MAX_FIELD_LENGTH): string {
  return text.length > max ? shortened(text, max) : text;
}

function isNested(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

/** The fields that describe an error in the log. They contain no secrets: no query texts, no parameters, no URLs. */
export function errorFields(error: unknown): { error: string; errorCode?: string } {
  // Errors of native modules may belong to another realm, so they need not be instances of this one's Error.
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return { error: errorText(error), ...(typeof code === 'string' ? { errorCode: code } : {}) };
}

/** Writes Nest's own lines into the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, context?: unknown): void {
    this.target.debug(cut(String(message)), { context });
  }

  debug(message: unknown, context?: unknown): void {
    this.target.debug(String(message), { context });
  }

  verbose(message: unknown, context?: unknown): void {
    this.target.debug(String(message), { context });
  }

  warn(message: unknown, context?: unknown): void {
    this.target.warn(cut(String(message)), { context });
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(cut(message instanceof Error ? message.message : String(message)), {
      context: rest.at(-1),
      stack: rest.length > 1 ? rest[0] : undefined,
    });
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}
