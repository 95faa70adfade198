import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { expectGone, expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 10_000;
const PACKAGES = resolve(import.meta.dirname, '../../node_modules');
const FILES = {
  scheduler: 'scheduler/cjs/scheduler.production.js',
  react: 'react/cjs/react.production.js',
  'react-dom': 'react-dom/cjs/react-dom.production.js',
  'react-dom/client': 'react-dom/cjs/react-dom-client.production.js',
  'svix-react': 'svix-react/dist/svix-react.umd.js',
};

/** A page of a team's own product, with the official component that embeds the portal. */
function productPage(properties: object): string {
  const sources = Object.entries(FILES).map(([name, file]) => [name, readFileSync(join(PACKAGES, file), 'utf8')]);
  const text = JSON.stringify({ ...Object.fromEntries(sources), svix: '' }).replaceAll('<', '\\u003c');
  return `<!doctype html><title>Acme</title><h1>Webhooks of Acme</h1><div id="root"></div><script>
    const sources = ${text}, loaded = {}, process = { env: { NODE_ENV: 'production' } };
    function require(name) {
      if (loaded[name]) return loaded[name].exports;
      const module = (loaded[name] = { exports: {} });
      new Function('module', 'exports', 'require', 'process', sources[name])(module, module.exports, require, process);
      return module.exports;
    }
    const portal = require('react').createElement(require('svix-react').AppPortal, ${JSON.stringify(properties)});
    require('react-dom/client').createRoot(document.getElementById('root')).render(portal);
  </script>`;
}

let product: Server;
let origin: string;
let stage: Stage;
let appId: string;
let properties: object = {};

beforeAll(async () => {
  product = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(productPage(properties));
  }).listen(0, '127.0.0.1');
  await until(() => product.listening, WAIT_MS, 'the product to listen');
  origin = `http://127.0.0.1:${(product.address() as AddressInfo).port}`;
  stage = await Stage.start({ PORTAL_FRAME_ANCESTORS: origin });
  appId = (await anApplication(stage.app)).id;
});
afterEach(async () => {
  // The product's own page is not one of ours.
  const faults = (await stage.faults()).filter((fault) => !fault.startsWith(`A request leaves the origin: ${origin}/`));
  if (faults.length > 0) throw new Error(`What no page may do:\n${faults.join('\n')}`);
});
afterAll(async () => {
  await stage?.stop();
  product?.close();
});

const embedded = async (path: string, more: object = {}): Promise<Page> => {
  const { url } = await stage.link(appId);
  properties = { url, ...more };
  return stage.browser.open(`${origin}${path}`);
};
const frameOf = (page: Page) => page.frameLocator('iframe');

describe('AppPortal of svix-react', () => {
  it('shows the portal in a page of the origin that may', async () => {
    const page = await embedded('/webhooks');

    await expectShown(frameOf(page).getByRole('heading', { level: 1, name: 'Overview' }));
  });

  it('gives it the colours that it is asked for', async () => {
    const page = await embedded('/webhooks', { darkMode: true, primaryColor: '28bb93', fontFamily: 'Georgia' });
    const root = frameOf(page).locator('html');
    await root.and(frameOf(page).locator('[data-theme=dark]')).waitFor();

    expect(await root.evaluate((html: any) => html.style.getPropertyValue('--sans'))).toMatch(/^Georgia/);
    expect(await root.evaluate((html: any) => html.style.getPropertyValue('--accent'))).toContain('light-dark(');
  });

  it('that takes its full size is as high as the page in it', async () => {
    for (let n = 0; n < 30; n++) await anEndpoint(stage.app, appId, { url: `http://127.0.0.1:9/hooks/${n}` });
    const page = await embedded('/webhooks', { fullSize: true });
    await frameOf(page).getByRole('link', { name: 'Endpoints' }).first().click();
    await expectShown(frameOf(page).getByText('hooks/29'));

    await until(
      async () => (await page.locator('iframe').evaluate((frame: any) => frame.offsetHeight)) > 1_000,
      WAIT_MS,
      'the frame to grow',
    );
    await expectGone(page.locator('iframe[style*="height: 650px"]'));
  });
});
