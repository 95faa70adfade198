import { connect } from 'node:net';
import { once } from 'node:events';
import { pause } from './pause.js';

const EVERY_MS = 100;
const LIMIT_MS = 1_000;

/** Resolves when something accepts connections at the address, or as soon as the signal aborts. Never rejects. */
export async function listens(host: string, port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await accepts(host, port, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])))) {
    await pause(EVERY_MS, signal);
  }
}

async function accepts(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
