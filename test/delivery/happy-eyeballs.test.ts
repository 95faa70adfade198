import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { HappyEyeballs } from '../../src/delivery/happy-eyeballs.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;

class FakeSocket extends EventEmitter {
  destroyed = false;
  constructor(readonly address: string) {
    super();
  }
  destroy() {
    this.destroyed = true;
  }
}

function connectTo(...addresses: string[]) {
  const opened: FakeSocket[] = [];
  const entries: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const attempt = new HappyEyeballs(entries, ({ address }) => {
    const socket = new FakeSocket(address);
    opened.push(socket);
    return socket as unknown as Socket;
  });
  const started = (count: number) => until(() => opened.length === count, WAIT_MS, `${count} sockets`);
  return { connected: attempt.connected, cancel: (error: Error) => attempt.cancel(error), opened, started };
}

describe('of several addresses', () => {
  it('the next is tried beside one that does not answer, and the first one is kept', async () => {
    const { connected, opened, started } = connectTo('192.0.2.1', '2001:db8::1');
    await started(2);
    expect(opened[0]!.destroyed).toBe(false);
    opened[0]!.emit('connect');

    expect(await connected).toBe(opened[0]);
    expect(opened[1]!.destroyed).toBe(true);
  });

  it('the last may be the only good one', async () => {
    const { connected, opened, started } = connectTo('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4');
    await started(4);
    opened[3]!.emit('connect');

    expect(await connected).toBe(opened[3]);
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true, true, false]);
  });

  it('the next is tried at once when one fails', async () => {
    const { opened } = connectTo('192.0.2.1', '192.0.2.2', '192.0.2.3');
    opened[0]!.emit('error', new Error('refused'));
    opened[1]!.emit('error', new Error('refused'));

    expect(opened).toHaveLength(3);
  });

  it('the address families alternate', async () => {
    const { opened, started, cancel, connected } = connectTo('192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2');
    await started(5);
    cancel(new Error('enough'));

    expect(opened.map(({ address }) => address)).toEqual(['192.0.2.1', '2001:db8::1', '192.0.2.2', '2001:db8::2', '192.0.2.3']);
    await expect(connected).rejects.toThrow('enough');
    expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('all errors are reported when none answers', async () => {
    const { connected, opened } = connectTo('192.0.2.1', '192.0.2.2');
    opened[0]!.emit('error', Object.assign(new Error('a'), { code: 'ECONNREFUSED' }));
    opened[1]!.emit('error', Object.assign(new Error('b'), { code: 'EHOSTUNREACH' }));

    await expect(connected).rejects.toMatchObject({ errors: [{ code: 'ECONNREFUSED' }, { code: 'EHOSTUNREACH' }] });
  });

  it('none is tried after cancel', async () => {
    const { connected, opened, cancel } = connectTo('192.0.2.1', '192.0.2.2');
    cancel(new Error('enough'));
    opened[0]!.emit('error', new Error('late'));

    await expect(connected).rejects.toThrow('enough');
    expect(opened).toHaveLength(1);
  });
});

describe('a single address', () => {
  it('fails with its own error', async () => {
    const { connected, opened } = connectTo('192.0.2.1');
    const refused = new Error('refused');
    opened[0]!.emit('error', refused);

    await expect(connected).rejects.toBe(refused);
  });
});
