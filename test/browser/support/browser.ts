import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { patient } from '../../support/until.js';
import { chromiumPath } from './chromium.js';
import { Watch } from './watch.js';

/** Set by whoever wants to see how tests ended: a folder for pictures of their pages. */
const { TEST_PICTURES: pictures } = process.env;
/** The most that a page of a usual machine takes for anything, in ms. */
const USUAL_MS = 10_000;
const CLOSE_MS = 2_000;

/** The window that a page is opened in. */
export interface Look {
  dark?: boolean;
  width?: number;
  height?: number;
  /** What the tab's session storage has before the page's first script. */
  stored?: Record<string, string>;
}

/** One Chromium, whose pages are watched: see Watch. Each page is opened in a context of its own, as in a browser that was never used. */
export class TestBrowser {
  readonly watch: Watch;
  private readonly browser: Browser;
  private readonly contexts: BrowserContext[] = [];
  private kept = 0;

  private constructor(browser: Browser, origin: string) {
    this.browser = browser;
    this.watch = new Watch(origin);
  }

  /** Starts it. Throws, saying what to install, where there is no Chromium. */
  static async start(origin: string): Promise<TestBrowser> {
    // Build machines have neither a user for the sandbox nor a large /dev/shm.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    const browser = await chromium.launch({ executablePath: chromiumPath(), args, timeout: patient(USUAL_MS) });
    return new TestBrowser(browser, origin);
  }

  /** Opens a URL, and answers once the document is there. */
  async open(url: string, { dark = false, width = 1280, height = 800, stored = {} }: Look = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      // Not the zone of the service: times are shown in the reader's.
      timezoneId: 'Europe/Berlin',
    });
    this.contexts.push(context);
    context.setDefaultTimeout(patient(USUAL_MS));
    await this.watch.follow(context);
    if (Object.keys(stored).length > 0) await context.addInitScript({ content: storing(new URL(url).origin, stored) });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** Closes all pages, and answers what was noticed at them. */
  async closePages(): Promise<string[]> {
    const contexts = this.contexts.splice(0);
    if (pictures) for (const page of contexts.flatMap((context) => context.pages())) await keep(page, pictures, ++this.kept);
    await Promise.all(contexts.map(closed));
    return this.watch.take();
  }

  stop(): Promise<void> {
    return this.browser.close();
  }
}

/**
 * Closes a context, which has no time limit of its own: Chromium may forget a close that meets a navigation (crbug.com/536385539).
 * Its pages are left then, and end with the browser.
 */
async function closed(context: BrowserContext): Promise<void> {
  const where = context.pages().map((page) => page.url());
  const late = new AbortController();
  const limit = sleep(patient(CLOSE_MS), 'late' as const, { signal: late.signal });
  try {
    const end = await Promise.race([context.close(), limit]);
    if (end === 'late') process.stderr.write(`Chromium did not close ${where.join(', ')}\n`);
  } finally {
    late.abort();
  }
}

function storing(origin: string, items: Record<string, string>): string {
  const sets = Object.entries(items).map(
    ([key, value]) => `sessionStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(value)});`,
  );
  return `if (location.origin === ${JSON.stringify(origin)}) { ${sets.join(' ')} }`;
}

async function keep(page: Page, folder: string, number: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const name = `${process.pid}-${String(number).padStart(3, '0')}${new URL(page.url()).pathname.replaceAll('/', '-')}.png`;
  await page.screenshot({ path: join(folder, name) });
}
