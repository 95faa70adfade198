import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** A request as a browser sends it: supertest would unpack and change encodings. */
const get = (path: string, encoding = 'identity') => fetch(`${app.url}${path}`, { headers: { 'accept-encoding': encoding } });
const assetsIn = (html: string) => [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path!);

describe.each(['/portal', '/portal/endpoints/ep_1', '/portal/a/b/c.d', '/console', '/console/applications/app_1/messages'])(
  'the path %s',
  (path) => {
    it('gives the document, which nobody may store', async () => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-store',
      ]);
      expect(await answer.text()).toMatch(/^<!doctype html>/);
    });

    it('lets the browser load and reach this server only, and no other site embed it', async () => {
      const policy = (await get(path)).headers.get('content-security-policy')!.split('; ');
      expect(policy).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]);
    });

    it('names only files that are there, by absolute paths of this server', async () => {
      const files = assetsIn(await (await get(path)).text());
      expect(files.length).toBeGreaterThan(2);
      for (const file of files) {
        const { status, headers } = await get(file);
        expect([file, status, headers.get('cache-control')]).toEqual([file, 200, 'public, max-age=31536000, immutable']);
      }
    });

    it('has no script or style within itself, which the policy would refuse', async () => {
      const html = await (await get(path)).text();
      expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
    });
  },
);

describe('a file of the pages', () => {
  const script = async () => assetsIn(await (await get('/portal')).text()).find((path) => path.endsWith('.js'))!;

  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('is sent compressed as %s to who takes it', async (encoding, unpack) => {
    const path = await script();
    const plain = Buffer.from(await (await get(path)).arrayBuffer());
    const { body, headers } = await rawly(path, encoding);
    expect([headers['content-encoding'], headers['vary']]).toEqual([encoding, 'Origin, Accept-Encoding']);
    expect(unpack(body).equals(plain)).toBe(true);
  });

  it('is sent as it is to who takes nothing else', async () => {
    expect((await rawly(await script(), 'br;q=0, gzip;q=0')).headers['content-encoding']).toBeUndefined();
  });

  it.each(['nothing-12345678.js', '..%2Findex.html', '%2e%2e%2f%2e%2e%2fmain.js', 'manifest.json'])(
    'that is none (%s) is a 404 that is not stored',
    async (name) => {
      const answer = await get(`/portal/assets/${name}`);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store']);
    },
  );
});

it('the settings have nothing but names, looks, the rules for URLs and the retries', async () => {
  const answer = await get('/portal/settings.json');
  const urls = { httpsOnly: false, refusedPorts: expect.arrayContaining([25, 6000]) };
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { name: null, logo: null, accent: null, signatureHeaders: 'webhook', urls, retrySchedule: expect.any(Array) },
  ]);
});

it('only reads: another method is refused', async () => {
  expect((await fetch(`${app.url}/portal`, { method: 'POST' })).status).toBe(405);
});

async function rawly(path: string, encoding: string) {
  const { request } = await import('undici');
  const { body, headers } = await request(`${app.url}${path}`, { headers: { 'accept-encoding': encoding } });
  return { body: Buffer.from(await body.arrayBuffer()), headers };
}
