/** Facts about a span. Never payloads, secrets, or URLs that may contain secrets. */
export type Attributes = Record<string, string | number | boolean>;

export interface SpanOptions {
  /** Which side of a call this is; `internal` if there is no other side. */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** W3C traceparent of the span that this continues. Without it, that is the current span. */
  parent?: string | undefined;
}

/** A span that has not ended. */
export interface Span {
  set(attributes: Attributes): void;
  /** Marks the span as failed. `kind`: the class of the error. */
  fail(kind: string): void;
}

/** A span that its caller has to end, for work that begins and ends in different places. */
export interface OpenSpan extends Span {
  /** Runs `work`. Spans that begin in it are children of this span. */
  run<T>(work: () => T): T;
  end(): void;
}

/** Makes spans. Without an exporter it is UNTRACED, which does nothing. */
export abstract class Tracer {
  /** Whether spans are sent anywhere. If not, callers need not compute attributes. */
  abstract readonly on: boolean;

  /** Runs `work` as a span, which ends with it. If `work` throws, the span fails and the error is thrown on. */
  abstract span<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>, options?: SpanOptions): Promise<T>;

  abstract begin(name: string, attributes: Attributes, options?: SpanOptions): OpenSpan;

  /** W3C traceparent of the current span, for work that goes on elsewhere or later; undefined if there is no span. */
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

/** The tracer of a process without traces. */
export const UNTRACED: Tracer = new NoTracer();
