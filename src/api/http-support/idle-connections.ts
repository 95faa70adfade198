import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Use {
  /** Requests that are not answered yet. */
  open: number;
  /** When the last answer ended, or the connection was made. */
  since: number;
}

/**
 * Closes connections that have brought no request for `idleMs`, whatever else they bring. Node's own limit begins again with every byte,
 * and empty lines between requests are bytes of no request: a client could send one a minute for ever.
 */
export function closeIdleConnections(server: Server, { idleMs, lookEveryMs }: { idleMs: number; lookEveryMs: number }): void {
  const uses = new Map<Socket, Use>();
  server.on('connection', (socket: Socket) => {
    uses.set(socket, { open: 0, since: performance.now() });
    socket.once('close', () => uses.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const use = uses.get(socket);
    if (!use) return;
    use.open++;
    response.once('close', () => {
      use.open--;
      use.since = performance.now();
    });
  });
  const timer = setInterval(() => {
    const limit = performance.now() - idleMs;
    for (const [socket, { open, since }] of uses) if (open === 0 && since < limit) socket.destroy();
  }, lookEveryMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}
