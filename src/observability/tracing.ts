/** Facts about a span; never payloads, secrets, or URLs with what may be secret in them. */
export type Attributes = Record<string, string | number | boolean>;

export interface SpanOptions {
  /** Which side of a conversation this is; `internal` if none. */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** W3C traceparent of what this continues; without it, the span that is under way. */
  parent?: string | undefined;
}

/** What may be said about a span while it is under way. */
export interface Span {
  set(attributes: Attributes): void;
  /** It went wrong, and of what kind the error was. */
  fail(kind: string): void;
}

/** A span that is ended by hand, where its beginning and its end are in different places. */
export interface OpenSpan extends Span {
  /** Runs `work` so that spans in it are this one's children. */
  run<T>(work: () => T): T;
  end(): void;
}

/** Makes spans of what the process does. Without an exporter to send them to it is UNTRACED, which does nothing. */
export abstract class Tracer {
  /** Whether spans go anywhere: saves the making of attributes. */
  abstract readonly on: boolean;

  /** Runs `work` as a span, which ends with it; an error that it throws is noted and goes on. */
  abstract span<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>, options?: SpanOptions): Promise<T>;

  abstract begin(name: string, attributes: Attributes, options?: SpanOptions): OpenSpan;

  /** The span under way as a W3C traceparent, for what goes on elsewhere or later; undefined without one. */
  abstract current(): string | undefined;
}

const NO_SPAN: OpenSpan = {
  set: () => undefined,
  fail: () => undefined,
  run: (work) => work(),
  end: () => undefined,
};

class NoTracer extends Tracer {
  readonly on = false;

  span<T>(_name: string, _attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T> {
    return work(NO_SPAN);
  }

  begin(): OpenSpan {
    return NO_SPAN;
  }

  current(): undefined {
    return undefined;
  }
}

/** The tracer of a process that isn't traced. */
export const UNTRACED: Tracer = new NoTracer();
