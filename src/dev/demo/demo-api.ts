import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 30_000;
const TRIES = 5;
/** The same request may succeed later: the service says so, or it has not answered in time. */
const LATER: (number | null)[] = [429, 503, null];

/** The service answered something else than was asked for, or nothing. The message is for people. */
export class DemoFault extends Error {
  override readonly name = 'DemoFault';

  /** `status` is null if there was no answer. */
  constructor(
    message: string,
    readonly status: number | null,
  ) {
    super(message);
  }
}

/** What the API answers, as far as the demo reads it. */
export type Answer = Record<string, unknown>;

/** Calls the API of a running service as a customer's program does. */
export class DemoApi {
  constructor(
    readonly server: string,
    private readonly token: string,
  ) {}

  /** The object at this path; null if there is none. Throws DemoFault. */
  async find(path: string): Promise<Answer | null> {
    try {
      return await this.call('GET', path);
    } catch (error) {
      if (error instanceof DemoFault && error.status === 404) return null;
      throw error;
    }
  }

  /** Throws DemoFault. */
  post(path: string, body: object): Promise<Answer> {
    return this.call('POST', path, body);
  }

  /** Throws DemoFault. */
  patch(path: string, body: object): Promise<Answer> {
    return this.call('PATCH', path, body);
  }

  /** A repetition has the same idempotency key, so that nothing is made twice. */
  private async call(method: string, path: string, body?: object): Promise<Answer> {
    const key = randomUUID();
    for (let tries = 1; ; tries++) {
      const { status, text, retryAfter } = await this.fetch(method, path, key, body);
      if (status !== null && status < 300) return text === '' ? {} : (JSON.parse(text) as Answer);
      if (!LATER.includes(status) || tries === TRIES) throw refused(this.server, method, path, { status, text });
      await sleep(1_000 * (retryAfter || tries));
    }
  }

  /** `status` is null if no answer came in time. Throws DemoFault if nothing listens there. */
  private async fetch(method: string, path: string, key: string, body?: object) {
    try {
      const response = await fetch(`${this.server}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', 'idempotency-key': key },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const retryAfter = Number(response.headers.get('retry-after'));
      return { status: response.status, text: await response.text(), retryAfter };
    } catch (error) {
      const { name, message, cause } = error as Error & { cause?: { code?: string } };
      if (name === 'TimeoutError') return { status: null, text: message, retryAfter: 0 };
      throw noService(this.server, cause?.code ?? message);
    }
  }
}

function noService(server: string, why: string): DemoFault {
  return new DemoFault(`No service answers at ${server} (${why}). Start it with npm start.`, null);
}

function refused(
  server: string,
  method: string,
  path: string,
  { status, text }: { status: number | null; text: string },
): DemoFault {
  if (status === null) return noService(server, text);
  if (status === 401)
    return new DemoFault(
      'The service does not know the token. TOKEN must be one of this service, JWT_SECRET or DATA_DIR those that it was started with.',
      status,
    );
  return new DemoFault(`${method} ${path} was answered with ${status}: ${text.slice(0, 300)}`, status);
}
