import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiAt } from '../support/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { startReceiver } from '../support/receiver.js';

const DOCS = resolve(import.meta.dirname, '../../docs');

let app: TestApp;
let page: string;

beforeAll(async () => {
  app = await startApp();
  page = (await app.root.get('/docs')).body;
});
afterAll(() => app.stop());

/** Where links and the like lead, without the part behind a `#`. */
const targetsIn = (html: string) => [...html.matchAll(/(?:href|src)="([^"#]+)(?:#[^"]*)?"/g)].map(([, target]) => target!);

it('the root leads to the documentation', async () => {
  expect(await app.root.get('/')).toMatchObject({ status: 307, headers: { location: '/docs' } });
});

describe('the reference', () => {
  it('is a page', async () => {
    const { status, headers } = await app.root.get('/docs');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page).toMatch(/^<!doctype html>/);
  });

  it('is drawn from the document of this server', async () => {
    expect(/data-document="([^"]+)"/.exec(page)![1]).toBe('/api/v1/openapi.json');
  });

  it('has a link to every group of operations', async () => {
    const { body: document } = await app.root.get('/api/v1/openapi.json');
    const names = document.tags.map(({ name }: { name: string }) => name);
    expect(names.filter((name: string) => !page.includes(`href="#/${encodeURIComponent(name)}"`))).toEqual([]);
  });

  it('writes no HTML of what it is made from', () => {
    expect(page).not.toMatch(/\[object Object\]|undefined|>false<|\{\{/);
  });
});

describe.each(['/docs', '/docs/first-webhook', '/docs/verify-webhooks'])('the page %s', (path) => {
  it('needs nothing from another server', async () => {
    const { body, headers } = await app.root.get(path);
    expect(targetsIn(body.replace(/<main[\s\S]*/, '')).filter((target) => !target.startsWith('/'))).toEqual([]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('has no broken link of its own', async () => {
    const { body } = await app.root.get(path);
    for (const target of new Set(targetsIn(body).filter((link) => !/^https?:/.test(link)))) {
      const { status } = await app.root.get(new URL(target, `http://host${path}`).pathname);
      expect([target, status]).toEqual([target, 200]);
    }
  });

  it('leads to both guides', async () => {
    const { body } = await app.root.get(path);
    expect(body).toContain('href="/docs/first-webhook"');
    expect(body).toContain('href="/docs/verify-webhooks"');
  });
});

describe('the guide to verifying', () => {
  it('has nine languages', async () => {
    const { body } = await app.root.get('/docs/verify-webhooks');
    const languages = ['JavaScript', 'Python', 'Go', 'Rust', 'Java', 'Kotlin', 'Ruby', 'C#', 'PHP'];
    expect(languages.filter((language) => !new RegExp(`<h2 id="[^"]*">${language.replace('#', '&#35;|C#')}`).test(body))).toEqual(
      [],
    );
  });

  it('without a library finds a real signature genuine', async () => {
    const code = /## Without a library[\s\S]*?```js\n([\s\S]*?)```/.exec(readFileSync(`${DOCS}/verify-webhooks.md`, 'utf8'))![1]!;
    const run = code.replace(/^import .*$/m, "const { createHmac, timingSafeEqual } = await import('node:crypto');");
    const genuine = async (payload: string) => {
      const module = `export default async (secret, headers, payload) => { ${run}; return genuine; };`;
      const { default: verify } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
      const headers = {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      };
      return verify('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', headers, payload);
    };
    expect(await genuine('{"test": 2432232314}')).toBe(true);
    expect(await genuine('{"test": 2432232315}')).toBe(false);
  });
});

describe('the guide to the first webhook', () => {
  it('works, request by request', async () => {
    const receiver = await startReceiver();
    const guide = readFileSync(`${DOCS}/first-webhook.md`, 'utf8');
    const requests = [...guide.matchAll(/^curl (?:-X (\w+) )?"\$SERVER([^"]+)"(?:[^`]*?-d '(.+)'$)?/gm)];
    try {
      expect(requests.length).toBeGreaterThan(6);
      for (const [, method = 'GET', path, body] of requests) {
        const sent = body
          ?.replace('http://127.0.0.1:4000/hook', receiver.url)
          .replace(/'\$\(date [^)]+\)'/, `${new Date().toISOString().slice(0, 10)}T00:00:00Z`);
        const answer = await apiAt(app.url, app.token).raw(method, path!, sent === undefined ? {} : { body: sent });
        expect([path, Math.floor(answer.status / 100)]).toEqual([path, 2]);
      }
      expect((await receiver.got(1))[0]!.body.toString()).toBe('{"order": 42}');
    } finally {
      await receiver.stop();
    }
  });
});

it('a guide that does not exist is a 404', async () => {
  expect((await app.root.get('/docs/nothing')).status).toBe(404);
});
