// Runs Jest with real servers beside it. TEST_DATABASE_URL, TEST_REDIS_URL and TEST_SQS_ENDPOINT name servers that run already;
// what they don't name is started here, and stopped afterwards.
import { spawn } from 'node:child_process';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const PROJECT = resolve(import.meta.dirname, '../..');
const OURS = pathToFileURL(join(PROJECT, 'test')).href;

// Node runs the TypeScript of test/support as it is, but looks for the very file that an import names.
registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith('.') && context.parentURL?.startsWith(OURS) && !context.parentURL.endsWith('.mjs');
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
const { guard } = await import('../support/child.ts');
const { startMariaDb, startRedis, startSqs } = await import('../support/services.ts');

/** Runs Jest with these arguments and `env` beside the environment of this process; answers its exit code, 1 where a server did not start. */
export async function jestOnServers(args, env = {}) {
  const wanted = [
    ['TEST_DATABASE_URL', startMariaDb],
    ['TEST_REDIS_URL', startRedis],
    ['TEST_SQS_ENDPOINT', startSqs],
  ].filter(([variable]) => !process.env[variable]);

  const results = await Promise.allSettled(wanted.map(async ([variable, start]) => [variable, await start()]));
  const started = results.flatMap(({ value }) => (value ? [value] : []));
  const failures = results.flatMap(({ reason }) => (reason ? [reason] : []));
  for (const failure of failures) console.error(failure.message);
  for (const [variable, service] of started) console.error(`${variable}=${service.url}`);

  const servers = Object.fromEntries(started.map(([variable, { url }]) => [variable, url]));
  const code = failures.length > 0 ? 1 : await runJest(args, { ...process.env, ...env, ...servers });
  await Promise.all(started.map(([, service]) => service.stop()));
  return code;
}

function runJest(args, env) {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const child = spawn(process.execPath, [...jest, ...args], { cwd: PROJECT, env, stdio: 'inherit' });
  const release = guard(child.pid);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.once('error', () => done(1));
    child.once('exit', (code) => {
      release();
      done(code ?? 1);
    });
  });
}
