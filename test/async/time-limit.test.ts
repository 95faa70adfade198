import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startCountdown, TimedOut, withTimeout } from '../../src/async/time-limit.js';

const LIMIT_MS = 50;
const late = () => new Error('late');
const never = () => new Promise<never>(() => {});

/** What a long turn of the event loop is to everybody else; SIGSTOP and a lack of CPU are the same. */
function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Turns of the event loop, from now until `stop`. */
function turns() {
  let count = 0;
  let running = true;
  const next = () => {
    count += 1;
    if (running) setImmediate(next);
  };
  setImmediate(next);
  return { soFar: () => count, stop: () => (running = false) };
}

describe('waiting for an answer', () => {
  let server: Server;
  let socket: Socket;

  beforeEach(async () => {
    server = createServer((peer) => peer.pipe(peer)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
  });
  afterEach(() => {
    socket.destroy();
    server.close();
  });

  const echo = async (text: string) => {
    socket.write(text);
    return String((await once(socket, 'data'))[0]);
  };

  it('gives the answer, or the reason why there is none', async () => {
    expect(await withTimeout(LIMIT_MS, () => Promise.resolve('answer'), { late })).toBe('answer');
    await expect(withTimeout(LIMIT_MS, () => Promise.reject(new Error('refused')), { late })).rejects.toThrow('refused');
    const thrown = () => {
      throw new Error('thrown');
    };
    await expect(withTimeout(LIMIT_MS, thrown, { late })).rejects.toThrow('thrown');
  });

  it('ends when nothing comes, and tells the work', async () => {
    let signal: AbortSignal | undefined;
    const work = (given: AbortSignal) => {
      signal = given;
      return never();
    };

    await expect(withTimeout(LIMIT_MS, work, { late })).rejects.toThrow('late');
    expect(signal!.reason).toEqual(late());
  });

  it('names the limit where nobody gave another error', async () => {
    await expect(withTimeout(LIMIT_MS, never)).rejects.toThrow(TimedOut);
    await expect(withTimeout(LIMIT_MS, never)).rejects.toThrow('no answer within 50 ms');
  });

  it('ends when it is stopped, at once if it begins stopped', async () => {
    const stop = new AbortController();
    let signal: AbortSignal | undefined;
    const work = (given: AbortSignal) => {
      signal = given;
      return never();
    };
    const answer = withTimeout(10_000, work, { stop: stop.signal });
    stop.abort(new Error('stopped'));

    await expect(answer).rejects.toThrow('stopped');
    expect(signal!.reason).toEqual(new Error('stopped'));
    await expect(withTimeout(10_000, never, { stop: stop.signal })).rejects.toThrow('stopped');
    expect(await withTimeout(LIMIT_MS, () => Promise.resolve(7), { stop: new AbortController().signal })).toBe(7);
  });

  it('does not count the time that the process itself stood still', async () => {
    const answer = withTimeout(LIMIT_MS, () => echo('there'), { late });
    standStill(20 * LIMIT_MS);

    expect(await answer).toBe('there');
  });

  it('goes on over many turns that are each longer than the limit', async () => {
    const slow = async () => {
      // The server is in this process too: each of its steps takes a turn that stands still.
      for (let step = 0; step < 3; step++) {
        await new Promise((turn) => setImmediate(turn));
        standStill(2 * LIMIT_MS);
      }
      return 'done';
    };

    expect(await withTimeout(LIMIT_MS, slow, { late })).toBe('done');
  });

  it.each([
    [50, 5],
    [1_000, 100],
  ])('of %i ms takes at least %i turns, however long they are', async (ms, least) => {
    const counted = turns();
    const over = withTimeout(ms, never, { late }).catch(() => counted.soFar());
    const busy = setInterval(() => standStill(15), 0);

    expect(await over).toBeGreaterThanOrEqual(least);
    clearInterval(busy);
    counted.stop();
  });

  it('begins anew while the other side is heard of, but not for ever', async () => {
    let said = 0;
    const over = withTimeout(LIMIT_MS, never, { late, received: () => said++ });
    let silenceIsOver = false;
    const silent = withTimeout(LIMIT_MS, never, { late, received: () => 0 }).catch(() => (silenceIsOver = true));

    await silent;
    expect(silenceIsOver).toBe(true);
    await expect(over).rejects.toThrow('late');
    // Ten times the five slices, and the look at the start.
    expect(said).toBe(51);
  });

  it('that was stopped calls nobody', async () => {
    let calls = 0;
    startCountdown(10, () => calls++)();
    await withTimeout(LIMIT_MS, never, { late }).catch(() => undefined);

    expect(calls).toBe(0);
  });
});
