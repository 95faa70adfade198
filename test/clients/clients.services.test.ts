import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { startReceiver } from '../support/receiver.js';

const PREPARE = resolve(import.meta.dirname, 'prepare.sh');
const PREPARED = resolve(import.meta.dirname, '../../.data/clients');
/** A compiler may have hundreds of files to go through, on a machine that does other work too. */
const PREPARE_MS = 700_000;
const RUN_MS = 60_000;
/** TEST_CLIENTS names some of them: the compiler of Rust has two cores to itself for minutes. */
const { TEST_CLIENTS = 'python,go,rust' } = process.env;

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe.each(TEST_CLIENTS.split(','))('the official client for %s', (language) => {
  const file = (name: string) => resolve(PREPARED, language, name);

  it(
    'sends, sees and verifies a message, where it can be installed',
    async () => {
      if (!isFresh(language, file('run'))) await prepare(language);
      if (existsSync(file('impossible'))) {
        process.stderr.write(`The client for ${language} is not prepared: ${readFileSync(file('impossible'), 'utf8')}`);
        return expect(existsSync(file('run'))).toBe(false);
      }
      const { message, ...seen } = await roundTrip(file('run'));
      expect(seen).toEqual({ app: expect.stringMatching(new RegExp(language, 'i')), statuses: [200], forged: 'refused' });
      expect(message).toMatch(/^msg_/);
    },
    PREPARE_MS + RUN_MS,
  );
});

/** Whether the program was built from the sources as they are now. */
function isFresh(language: string, run: string): boolean {
  if (!existsSync(run)) return false;
  const folder = resolve(import.meta.dirname, language);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => resolve(folder, name));
  return [PREPARE, ...sources].every((source) => statSync(source).mtimeMs < statSync(run).mtimeMs);
}

function prepare(language: string): Promise<void> {
  return new Promise((done, failed) => {
    execFile(PREPARE, [language], { timeout: PREPARE_MS }, (error, stdout, stderr) =>
      error ? failed(new Error(`prepare.sh ${language}: ${error.message}\n${stdout}\n${stderr}`)) : done(),
    );
  });
}

/** Runs a program that sends a message, waits for it to arrive, and hands the program what arrived. Returns what it has to say. */
async function roundTrip(program: string): Promise<Record<string, unknown>> {
  const receiver = await startReceiver();
  const env = { ...process.env, SERVER_URL: app.url, TOKEN: app.token, RECEIVER_URL: receiver.url };
  const child = spawn(program, { env, timeout: RUN_MS });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  try {
    const arrived = async () => {
      const [webhook] = await receiver.got(1, RUN_MS);
      child.stdin.end(`${JSON.stringify({ payload: webhook!.body.toString(), headers: webhook!.headers })}\n`);
      return ended;
    };
    const code = await Promise.race([ended, arrived()]);
    if (code !== 0) throw new Error(`The program ended with ${code}: ${Buffer.concat(errors).toString()}`);
    return JSON.parse(Buffer.concat(output).toString());
  } finally {
    child.kill('SIGKILL');
    await receiver.stop();
  }
}
