// npm run test:tidb: the end-to-end files and the fault files on a TiDB server, with the other parts as in npm run test:services.
// TIDB_SERVER=mysql://root@host:port names a running one; TIDB_START names a program that starts one: start FOLDER PORT, with its process id
// in FOLDER/pid; without both, Docker starts the image pingcap/tidb. --short: few files, about three minutes. Other arguments go to Jest.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { jestOnServers } from './jest-on-servers.mjs';

const IMAGE = 'pingcap/tidb:v8.5.0';
const WAIT_MS = 120_000;
const SHORT = [
  'claims.services',
  'crash.services',
  'two-processes.services',
  'users.services',
  'delivery-disable.e2e',
  'message.e2e',
  'poller.e2e',
];

const started = await start();
try {
  await answers(started.url);
  const args = process.argv.slice(2).filter((arg) => arg !== '--short');
  const files = process.argv.includes('--short')
    ? [`--testPathPatterns=/(${SHORT.join('|').replaceAll('.', '\\.')})\\.test`]
    : [];
  process.env.TEST_DATABASE_URL = started.url;
  process.exitCode = await jestOnServers(['--config', 'jest.tidb.config.mjs', ...files, ...args]);
} finally {
  started.stop();
}

async function start() {
  if (process.env.TIDB_SERVER) return { url: process.env.TIDB_SERVER, stop() {} };
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/`;
  if (process.env.TIDB_START) {
    const folder = mkdtempSync(join(tmpdir(), 'posthorn-tidb-'));
    const stop = () => {
      try {
        process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')));
      } catch {
        // It did not start, or has ended.
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    };
    try {
      execFileSync(process.env.TIDB_START, [folder, String(port)], { stdio: 'inherit' });
    } catch (error) {
      stop();
      throw error;
    }
    return { url, stop };
  }
  const id = execFileSync('docker', ['run', '--rm', '-d', '-p', `127.0.0.1:${port}:4000`, IMAGE], { encoding: 'utf8' }).trim();
  return { url, stop: () => void execFileSync('docker', ['rm', '-f', id]) };
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function answers(url) {
  for (const until = Date.now() + WAIT_MS; ;) {
    try {
      const connection = await mysql.createConnection({ uri: url, connectTimeout: 5_000 });
      await connection.query('SELECT 1').finally(() => connection.destroy());
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((wake) => setTimeout(wake, 250));
    }
  }
}
