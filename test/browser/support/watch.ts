import type { BrowserContext, ConsoleMessage, Request } from 'playwright-core';

/** A script in the page: what the Content-Security-Policy has stopped becomes an error in the console. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error('Content-Security-Policy:', effectiveDirective, blockedURI, sourceFile + ':' + lineNumber));`;

/** How Chromium writes that a request was answered with an error. */
const ANSWERED = /^Failed to load resource: the server responded with a status of (\d+)/;

/** Looks at everything that pages do, and notes what they may never do: whatever the test is about. */
export class Watch {
  private readonly origin: string;
  private readonly faults: string[] = [];
  private readonly secrets = new Set<string>();
  private readonly expected = new Set<number>();
  /** The URL of each request since the test began, without its fragment, which is not sent. */
  readonly urls: string[] = [];

  /** @param origin the only one that pages may talk to */
  constructor(origin: string) {
    this.origin = origin;
  }

  /** Watches every page of a context, from its first script on. */
  async follow(context: BrowserContext): Promise<void> {
    await context.addInitScript({ content: TELL_VIOLATIONS });
    context.on('request', (request) => this.seeRequest(request));
    context.on('console', (message) => this.seeMessage(message));
    context.on('weberror', (error) => this.faults.push(`An error was not caught: ${error.error().stack}`));
    context.on('page', (page) => {
      page.on('websocket', (socket) => this.faults.push(`A web socket was opened: ${socket.url()}`));
      page.on('crash', () => this.faults.push('The page has crashed'));
    });
  }

  /** This text must be in no URL and in nothing that is written to a console. */
  keepSecret(text: string): void {
    this.secrets.add(text);
  }

  /** Whether one of the secrets is in the text. */
  tells(text: string): boolean {
    return [...this.secrets].some((secret) => text.includes(secret));
  }

  /** In this test, requests that are answered with this status are no fault. */
  expect(status: number): void {
    this.expected.add(status);
  }

  /** What was noticed, and forgets it: another test begins. */
  take(): string[] {
    const found = this.faults.splice(0);
    this.urls.length = 0;
    this.expected.clear();
    this.secrets.clear();
    return found;
  }

  private seeRequest(request: Request): void {
    const url = Object.assign(new URL(request.url()), { hash: '' }).href;
    this.urls.push(url);
    if (url.startsWith('data:')) return;
    if (new URL(url).origin !== this.origin) this.faults.push(`A request leaves the origin: ${url}`);
    if (this.tells(url)) this.faults.push(`A secret is in the URL of a request: ${new URL(url).pathname}`);
  }

  private seeMessage(message: ConsoleMessage): void {
    const text = message.text();
    if (this.tells(text)) this.faults.push('A secret is in the console');
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const [, status] = ANSWERED.exec(text) ?? [];
    if (status !== undefined && this.expected.has(Number(status))) return;
    this.faults.push(`The console has an ${message.type()}: ${text} (${message.location().url})`);
  }
}
