import type { IncomingMessage } from 'node:http';

/** What is read and thrown away of a body after the answer is known, where the route has no smaller limit. Four of the largest bodies that are taken. */
export const MAX_DROPPED_BYTES = 64 * 1_048_576;

/**
 * Throws a body away as it arrives: the connection stays usable, and a client that still writes gets its answer. A body that is larger
 * than `maxBytes` ends the connection, whether or not its length was said before.
 */
export function dropBody(request: IncomingMessage, maxBytes: number): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) request.destroy();
  });
}
