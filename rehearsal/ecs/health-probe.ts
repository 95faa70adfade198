import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Probe } from './health-check.js';
import { pause } from './pause.js';
import type { OwnProcess } from './processes.js';

const LOOPBACK = pathToFileURL(join(import.meta.dirname, 'loopback.mjs')).href;
/** Docker keeps as much of what a check prints: https://docs.docker.com/reference/dockerfile/#healthcheck */
const KEPT_CHARS = 4_096;

export interface ProbeOrder {
  command: readonly string[];
  cwd: string;
  /** The environment of the container. */
  env: Readonly<Record<string, string>>;
  address: string;
  port: number;
}

/** Makes the function that runs a health check's command beside a container. A check that takes too long is killed, and has failed. */
export function probeOf(container: Pick<OwnProcess, 'beside'>, { command, cwd, env, address, port }: ProbeOrder): Probe {
  const options = `${env['NODE_OPTIONS'] ?? ''} --import ${LOOPBACK}`.trim();
  const own = { ...env, NODE_OPTIONS: options, CONTAINER_ADDRESS: address, CONTAINER_PORT: String(port) };
  return async (limitMs, signal) => {
    const lines: string[] = [];
    const limited = { ...own, CONTAINER_CHECK_LIMIT_MS: String(Math.ceil(limitMs)) };
    const check = container.beside({ command, cwd, env: limited, onLine: (line) => lines.push(line) });
    const late = new AbortController();
    const limit = AbortSignal.any([signal, late.signal]);
    const exit = await Promise.race([check.exited, pause(limitMs, limit).then(() => null)]);
    late.abort();
    if (exit) return { ok: exit.code === 0, output: lines.join('\n').slice(0, KEPT_CHARS) };
    check.signal('SIGKILL');
    return { ok: false, output: `Health check exceeded timeout (${limitMs} ms)` };
  };
}
