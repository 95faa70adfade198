// Loaded before a task's program. A task of AWS has a network interface, so those that it calls see its address. Here all tasks share one
// machine, which would call from 127.0.0.1; so a connection to this machine begins at the address of the task.
import { Socket } from 'node:net';

const { TASK_ADDRESS: localAddress = '' } = process.env;
const HERE = /^127\.\d+\.\d+\.\d+$/;

const { connect } = Socket.prototype;
Socket.prototype.connect = /** @type {typeof connect} */ (
  function (/** @type {any[]} */ ...args) {
    // Node's own calls come with their arguments in a list.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (typeof options === 'object' && HERE.test(options.host ?? '')) options.localAddress ??= localAddress;
    return Reflect.apply(connect, this, args);
  }
);
