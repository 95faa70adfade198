import type { Page } from 'playwright-core';
import { startApp, type Overrides, type TestApp } from '../../support/app.js';
import { TestBrowser, type Look } from './browser.js';

/** What a portal's token allows, as `auth/app-portal-access` takes it. */
interface Access {
  readOnly?: boolean;
  capabilities?: string[];
  featureFlags?: string[];
}

/** A running service and a browser. Tokens that open pages are secrets: they must be in no URL, no console and no line of the log. */
export class Stage {
  readonly app: TestApp;
  readonly browser: TestBrowser;
  private readLines = 0;

  private constructor(app: TestApp, browser: TestBrowser) {
    this.app = app;
    this.browser = browser;
  }

  static async start(overrides: Overrides = {}): Promise<Stage> {
    const app = await startApp(overrides);
    try {
      return new Stage(app, await TestBrowser.start(app.url));
    } catch (error) {
      await app.stop();
      throw error;
    }
  }

  /** A link to the portal of an application, as the team's own server asks for it. */
  async link(appId: string, access: Access = {}): Promise<{ url: string; token: string }> {
    const { status, body } = await this.app.api.post(`/auth/app-portal-access/${appId}`, access);
    if (status !== 200) throw new Error(`No link to the portal: ${status} ${JSON.stringify(body)}`);
    this.keepSecret(body.token);
    return body;
  }

  /** Opens a page of an application's portal. */
  async portal(appId: string, path = '/', { access = {}, ...look }: Look & { access?: Access } = {}): Promise<Page> {
    const { token } = await this.link(appId, access);
    return this.browser.open(`${this.app.url}/portal${path}#token=${token}`, look);
  }

  /** Opens a page of the console in a tab whose owner has signed in: without a token as the organisation. */
  async console(path = '/', { token = this.app.token, ...look }: Look & { token?: string } = {}): Promise<Page> {
    this.keepSecret(token);
    return this.browser.open(`${this.app.url}/console${path}`, { ...look, stored: { 'posthorn.console': token } });
  }

  /** In this test the service may answer with this status. Any other error fails it. */
  expectStatus(status: number): void {
    this.browser.watch.expect(status);
  }

  /** Its signature is what makes a token one: no part of it may be told. */
  keepSecret(token: string): void {
    this.browser.watch.keepSecret(token.split('.').at(-1)!);
  }

  /** What was noticed since the last test, and forgets it. Its pages are closed. */
  async faults(): Promise<string[]> {
    const lines = this.app.log.slice(this.readLines).filter((line) => this.browser.watch.tells(line));
    this.readLines = this.app.log.length;
    return [...(await this.browser.closePages()), ...lines.map((line) => `A secret is in the log: ${line}`)];
  }

  /** Closes the pages of a test. Throws if they did what no page may do. */
  async endTest(): Promise<void> {
    const faults = await this.faults();
    if (faults.length > 0) throw new Error(`What no page may do:\n${faults.join('\n')}`);
  }

  async stop(): Promise<void> {
    await this.browser.stop();
    await this.app.stop();
  }
}
