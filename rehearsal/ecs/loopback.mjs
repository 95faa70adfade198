// Loaded before a health check's program. A container has 127.0.0.1 for itself; here all share it, and the task's port is at the task's
// address. So what the program would find at the port of its container, it finds there.
import { Socket } from 'node:net';

const { CONTAINER_ADDRESS: address = '', CONTAINER_PORT: port = '', CONTAINER_CHECK_LIMIT_MS: limitMs } = process.env;
const OWN = new Set(['127.0.0.1', '::1', 'localhost']);

// Who kills the client of `docker exec` does not reach the program in the container.
if (limitMs) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(limitMs)).unref();

const { connect } = Socket.prototype;
Socket.prototype.connect = /** @type {typeof connect} */ (
  function (/** @type {any[]} */ ...args) {
    // Node's own calls come with their arguments in a list.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (typeof options === 'object' && String(options.port) === port && OWN.has(options.host ?? 'localhost'))
      options.host = address;
    return Reflect.apply(connect, this, args);
  }
);
