// Loaded before a task's program. A task of AWS has a network interface, so those that it calls see its address. Here all tasks share one
// machine, which would call from 127.0.0.1; so a connection to this machine begins at the address of the task.
import { Socket } from 'node:net';

const { TASK_ADDRESS: localAddress = '' } = process.env;
const HERE = /^127\.\d+\.\d+\.\d+$/;

/**
 * A copy: agents of HTTP find their connections by the options that they were made with.
 *
 * @param {any} options
 */
const fromOwnAddress = (options) =>
  HERE.test(options?.host ?? '') && !options.localAddress ? { ...options, localAddress } : options;

const { connect } = Socket.prototype;
Socket.prototype.connect = /** @type {typeof connect} */ (
  function (/** @type {any[]} */ ...args) {
    // Node's own calls come with their arguments in a list.
    if (Array.isArray(args[0])) args[0][0] = fromOwnAddress(args[0][0]);
    else args[0] = fromOwnAddress(args[0]);
    return Reflect.apply(connect, this, args);
  }
);
