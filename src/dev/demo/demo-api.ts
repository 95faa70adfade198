import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 30_000;
const TRIES = 5;
/** The service says with these that the same request may succeed later. */
const LATER = [429, 503];

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

  private async call(method: string, path: string, body?: object): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const response = await this.fetch(method, path, body);
      const text = await response.text();
      if (response.ok) return text === '' ? {} : (JSON.parse(text) as Answer);
      if (!LATER.includes(response.status) || tries === TRIES) throw refused(method, path, response.status, text);
      await sleep(1_000 * (Number(response.headers.get('retry-after')) || tries));
    }
  }

  private async fetch(method: string, path: string, body?: object): Promise<Response> {
    try {
      return await fetch(`${this.server}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string } };
      throw new DemoFault(`No service answers at ${this.server} (${cause?.code ?? message}). Start it with npm start.`, null);
    }
  }
}

function refused(method: string, path: string, status: number, text: string): DemoFault {
  if (status === 401)
    return new DemoFault(
      'The service does not know the token. TOKEN must be one of this service, JWT_SECRET or DATA_DIR those that it was started with.',
      status,
    );
  return new DemoFault(`${method} ${path} was answered with ${status}: ${text.slice(0, 300)}`, status);
}
