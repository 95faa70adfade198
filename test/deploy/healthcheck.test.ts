import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { portOf } from '../../src/command-line.js';
import { variables } from '../../src/config/variables.js';
import { startChild } from '../support/child.js';
import { programOf } from '../support/process.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const COMMAND = ['CMD', 'node', 'dist/cli.js', 'healthcheck'];
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');

/** Prints, when its process ends, the files that were imported or required, and the built-in modules. */
const WATCH = `
import { registerHooks } from 'node:module';
const files = [];
registerHooks({ load(url, context, next) { if (url.startsWith('file:')) files.push(url); return next(url, context); } });
process.on('exit', () => console.log(JSON.stringify({ files, builtIn: process.moduleLoadList })));`;
const watch = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;

interface Loaded {
  files: string[];
  builtIn: string[];
}

describe('the health check of a container', () => {
  let server: Server;
  let asked: string[];
  let status: number;
  let port: number;

  beforeEach(async () => {
    asked = [];
    status = 200;
    server = createServer((request, response) => {
      asked.push(request.url!);
      response.writeHead(status).end('what it said');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => new Promise((done) => server.close(done)));

  async function run(args: string[], env: Record<string, string> = {}) {
    const { PATH = '' } = process.env;
    const child = startChild(process.execPath, args, { PATH, ...env });
    const { code } = await child.exited;
    return { code, lines: child.lines };
  }
  const healthcheck = (args: string[], env: Record<string, string> = {}) =>
    run([programOf('this build', 'cli.js'), 'healthcheck', ...args], env);

  async function loadedBy(args: string[], env: Record<string, string> = {}): Promise<Loaded & { code: number | null }> {
    const { code, lines } = await run(['--import', watch(WATCH), ...args], env);
    return { code, ...(JSON.parse(lines.at(-1)!) as Loaded) };
  }

  const OUR_FILES = [
    'async/time-limit.js',
    'cli.js',
    'command-line.js',
    'config/network-defaults.js',
    'healthcheck.js',
    'node-version.js',
    'observability/error-text.js',
  ];

  it.each([200, 503])('loads no package, and seven small files, when the answer is %i', async (answered) => {
    status = answered;
    const { code, files } = await loadedBy([programOf('this build', 'cli.js'), 'healthcheck'], { PORT: String(port) });

    expect(code).toBe(answered === 200 ? 0 : 1);
    expect(files.map((url) => url.replace(/^.*\/dist\//, '')).sort()).toEqual(OUR_FILES);
  });

  it('loads no part of Node that the request, and the defaults of node:net, do not load', async () => {
    const { builtIn } = await loadedBy([programOf('this build', 'cli.js'), 'healthcheck'], { PORT: String(port) });
    const request = `import 'node:net'; process.exitCode = (await fetch('http://127.0.0.1:${port}/health/live')).ok ? 0 : 1`;
    const bare = await loadedBy(['--input-type=module', '-e', request]);

    expect(bare.code).toBe(0);
    expect(builtIn.filter((module) => !bare.builtIn.includes(module))).toEqual([]);
  });

  it('is noticed when it loads more', async () => {
    const { files } = await loadedBy([programOf('this build', 'cli.js'), 'nothing']);

    expect(files.filter((url) => url.includes('/node_modules/')).length).toBeGreaterThan(100);
  });

  it('asks whether the service on PORT is alive', async () => {
    expect(await healthcheck([], { PORT: String(port), HOST: '192.0.2.1' })).toEqual({ code: 0, lines: [] });
    expect(asked).toEqual(['/health/live']);
  });

  it('asks the URL that it was given', async () => {
    const url = `http://127.0.0.1:${port}/health/ready`;

    expect(await healthcheck([url], { PORT: 'ignored' })).toEqual({ code: 0, lines: [] });
    expect(asked).toEqual(['/health/ready']);
  });

  it('ends with 1 and says what was answered', async () => {
    status = 503;
    const url = `http://127.0.0.1:${port}/health/ready`;

    expect(await healthcheck([url])).toEqual({ code: 1, lines: [`Error: ${url} answered 503: what it said`] });
  });

  it('ends with 1 when nothing answers', async () => {
    expect(await healthcheck(['http://127.0.0.1:1/'])).toEqual({ code: 1, lines: ['TypeError: fetch failed'] });
  });

  it('ends with 1 when no answer comes in time', async () => {
    server.removeAllListeners('request');
    const url = `http://127.0.0.1:${port}/`;

    expect(await healthcheck([url])).toEqual({ code: 1, lines: [`Error: ${url} did not answer within 3000 ms`] });
    server.closeAllConnections();
  });

  it.each([200, 503])('ends with 1 when the body of a %i does not end in time', async (answered) => {
    server.removeAllListeners('request');
    server.on('request', (_request, response) => {
      response.writeHead(answered, { 'content-length': '100' }).write('the first bytes');
    });
    const url = `http://127.0.0.1:${port}/`;

    expect(await healthcheck([url])).toEqual({ code: 1, lines: [`Error: ${url} did not answer within 3000 ms`] });
    server.closeAllConnections();
  });

  it('ends with 2 when PORT is no port', async () => {
    expect(await healthcheck([], { PORT: 'http' })).toEqual({ code: 2, lines: ['PORT must be a whole number from 0 to 65535.'] });
  });

  it('asks the port that the service listens on', () => {
    const { PORT } = variables.shape;
    const usual = PORT.parse(undefined);

    expect(read('src/healthcheck.ts')).toContain(`portOf(environment, ${usual})`);
    expect(portOf({}, usual)).toBe(usual);
    expect(portOf({ PORT: '' }, usual)).toBe(usual);
    for (const text of ['0', '1', '8080', '65535']) expect(portOf({ PORT: text }, usual)).toBe(PORT.parse(text));
    for (const text of ['-1', '65536', '3000.5', 'http']) {
      expect(PORT.safeParse(text).success).toBe(false);
      expect(() => portOf({ PORT: text }, usual)).toThrow('PORT must be a whole number from 0 to 65535.');
    }
  });
});

describe('who runs the health check', () => {
  it('is the task', () => {
    expect(JSON.parse(read('taskdef.json')).containerDefinitions[0].healthCheck.command).toEqual(COMMAND);
  });

  it('is the image', () => {
    const [, kind, command] = /^HEALTHCHECK .* (CMD) (\[.*\])$/m.exec(read('Dockerfile'))!;

    expect([kind, ...JSON.parse(command!)]).toEqual(COMMAND);
  });

  it('is every service of docker-compose.yml that runs the image and goes on', () => {
    const services = Object.values<any>(parse(read('docker-compose.yml'), { merge: true }).services);
    const checks = services.map(({ healthcheck }) => healthcheck?.test).filter((test) => test?.includes('node'));

    expect(checks).toHaveLength(3);
    for (const test of checks) expect(test).toEqual([...COMMAND, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/health/)]);
  });
});
