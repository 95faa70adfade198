import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { ConnectionRace } from '../../src/delivery/connection-race.js';
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

function racing(...addresses: string[]) {
  const opened: FakeSocket[] = [];
  const entries: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const running = new ConnectionRace(entries, ({ address }) => {
    const socket = new FakeSocket(address);
    opened.push(socket);
    return socket as unknown as Socket;
  });
  const began = (count: number) => until(() => opened.length === count, WAIT_MS, `${count} beginnings`);
  return { connected: running.connected, callOff: (error: Error) => running.callOff(error), opened, began };
}

describe('of several addresses', () => {
  it('the next is tried beside one that does not answer, and the first is not given up', async () => {
    const { connected, opened, began } = racing('192.0.2.1', '2001:db8::1');
    await began(2);
    expect(opened[0]!.destroyed).toBe(false);
    opened[0]!.emit('connect');

    expect(await connected).toBe(opened[0]);
    expect(opened[1]!.destroyed).toBe(true);
  });

  it('the last may be the only good one', async () => {
    const { connected, opened, began } = racing('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4');
    await began(4);
    opened[3]!.emit('connect');

    expect(await connected).toBe(opened[3]);
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true, true, false]);
  });

  it('the next is tried at once when one fails', async () => {
    const { opened } = racing('192.0.2.1', '192.0.2.2', '192.0.2.3');
    opened[0]!.emit('error', new Error('refused'));
    opened[1]!.emit('error', new Error('refused'));

    expect(opened).toHaveLength(3);
  });

  it('the families are tried by turns', async () => {
    const { opened, began, callOff, connected } = racing('192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2');
    await began(5);
    callOff(new Error('enough'));

    expect(opened.map(({ address }) => address)).toEqual(['192.0.2.1', '2001:db8::1', '192.0.2.2', '2001:db8::2', '192.0.2.3']);
    await expect(connected).rejects.toThrow('enough');
    expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('all failures are told when none answers', async () => {
    const { connected, opened } = racing('192.0.2.1', '192.0.2.2');
    opened[0]!.emit('error', Object.assign(new Error('a'), { code: 'ECONNREFUSED' }));
    opened[1]!.emit('error', Object.assign(new Error('b'), { code: 'EHOSTUNREACH' }));

    await expect(connected).rejects.toMatchObject({ errors: [{ code: 'ECONNREFUSED' }, { code: 'EHOSTUNREACH' }] });
  });

  it('none is tried after it was called off', async () => {
    const { connected, opened, callOff } = racing('192.0.2.1', '192.0.2.2');
    callOff(new Error('enough'));
    opened[0]!.emit('error', new Error('late'));

    await expect(connected).rejects.toThrow('enough');
    expect(opened).toHaveLength(1);
  });
});

describe('a single address', () => {
  it('fails as it fails', async () => {
    const { connected, opened } = racing('192.0.2.1');
    const refused = new Error('refused');
    opened[0]!.emit('error', refused);

    await expect(connected).rejects.toBe(refused);
  });
});
