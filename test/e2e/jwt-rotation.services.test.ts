import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anInstallation, type Installation, type Server } from '../faults/installation.js';
import { apiAt } from '../support/api.js';
import { startChild } from '../support/child.js';
import { anApplication } from '../support/factories.js';
import { programOf } from '../support/process.js';
import { claimsFor, signToken } from '../support/tokens.js';
import { until } from '../support/until.js';

const [OLD, NEW] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];

/** JWT_SECRET before the rotation and after each of its steps, as docs/operations.md has them. */
const LISTS = { before: OLD, added: `${OLD},${NEW}`, moved: `${NEW},${OLD}`, removed: NEW };
type State = keyof typeof LISTS;
const STATES = Object.keys(LISTS) as State[];

describe('the rotation of JWT_SECRET', () => {
  let installation: Installation;
  let servers: Record<State, Server>;
  let appId: string;

  beforeAll(async () => {
    installation = await anInstallation({ JWT_SECRET: OLD });
    const start = async (state: State) =>
      [state, await installation.start({ role: 'api' }, { JWT_SECRET: LISTS[state] })] as const;
    servers = Object.fromEntries(await Promise.all(STATES.map(start))) as Record<State, Server>;
    appId = (await anApplication(servers.before)).id;
  });
  afterAll(() => installation?.remove());

  /** A tenant's token of `npm run token`, in the environment of this state. */
  async function minted(state: State): Promise<string> {
    const env = { ...installation.env, PATH: process.env['PATH']!, JWT_SECRET: LISTS[state] };
    const child = startChild(process.execPath, [programOf('this build', 'cli.js'), 'token', 'org_rotation'], env);
    expect(await child.exited).toMatchObject({ code: 0 });
    return child.lines.join('');
  }

  async function portalToken(state: State, body = {}): Promise<string> {
    const tenant = signToken(LISTS[state].split(',')[0]!, claimsFor({ sub: tenantOf(servers.before) }));
    const answer = await apiAt(`${servers[state].url}/api/v1`, tenant).post(`/auth/app-portal-access/${appId}`, body);
    expect(answer.status).toBe(200);
    return answer.body.token;
  }

  const statusAt = async (state: State, token: string, path = `/app/${appId}`) =>
    (await apiAt(`${servers[state].url}/api/v1`, token).get(path)).status;

  it.each([
    ['before', 'added'],
    ['added', 'moved'],
    ['moved', 'removed'],
  ] as const)('blue %s and green %s: a token of either is valid at both', async (blue, green) => {
    for (const signer of [blue, green]) {
      const [portal, tenant] = await Promise.all([portalToken(signer), minted(signer)]);
      for (const verifier of [blue, green]) {
        expect({ signer, verifier, status: await statusAt(verifier, portal) }).toEqual({ signer, verifier, status: 200 });
        expect({ signer, verifier, status: await statusAt(verifier, tenant, '/app') }).toEqual({ signer, verifier, status: 200 });
      }
    }
  });

  it('needs each step: green would sign what blue refuses, and old tokens would die early', async () => {
    expect(await statusAt('before', await portalToken('moved'))).toBe(401);
    expect(await statusAt('removed', await portalToken('added'))).toBe(401);
  });

  it.each([
    ['added', 'moved'],
    ['moved', 'added'],
    ['moved', 'removed'],
  ] as const)('a token of %s that was revoked there is dead at %s', async (one, other) => {
    const token = await portalToken(one);
    expect(await statusAt(other, token)).toBe(200);

    expect((await apiAt(`${servers[one].url}/api/v1`, token).post('/auth/logout')).status).toBe(204);

    await until(async () => (await statusAt(other, token)) === 401, 5_000, 'the other process to refuse the token');
  });

  it('a session that is expired after the step ends the tokens from before it', async () => {
    const [session, another] = await Promise.all(['one', 'two'].map((sessionId) => portalToken('added', { sessionId })));
    const tenant = signToken(NEW, claimsFor({ sub: tenantOf(servers.before) }));

    await apiAt(`${servers.moved.url}/api/v1`, tenant).post(`/auth/app/${appId}/expire-all`, { sessionIds: ['one'] });

    await until(async () => (await statusAt('added', session!)) === 401, 5_000, 'blue to refuse the token');
    expect(await statusAt('moved', session!)).toBe(401);
    expect(await statusAt('moved', another!)).toBe(200);
  });

  it('a secret as a token is told, whichever it is, and none is logged', async () => {
    for (const secret of [OLD, NEW, LISTS.added]) {
      const answer = await apiAt(`${servers.added.url}/api/v1`, secret).get('/app');
      expect([answer.status, answer.body.detail]).toEqual([401, expect.stringContaining('signing secret')]);
    }
    const log = STATES.flatMap((state) => servers[state].log).join('\n');
    expect(log.length).toBeGreaterThan(0);
    expect(log).not.toContain(OLD);
    expect(log).not.toContain(NEW);
  });

  it('with a new secret that is too short does not start, and says which without printing one', async () => {
    const overrides = { NODE_ENV: 'production', JWT_SECRET: `${OLD},squeamish` };
    const server = await installation.start({ role: 'api', untilReady: false }, overrides);

    expect(await server.exited).toMatchObject({ code: 1 });
    const said = server.log.join('\n');
    expect(said).toContain('number 2 is too short for production');
    expect(said).not.toContain('squeamish');
    expect(said).not.toContain(OLD);
  });
});

function tenantOf({ token }: Server): string {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).sub;
}
