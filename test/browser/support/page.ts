import type { Locator, Page } from 'playwright-core';
import { until } from '../../support/until.js';

const USUAL_MS = 10_000;

/** Waits until exactly one such thing is in sight. */
export async function expectShown(what: Locator): Promise<void> {
  await what.waitFor({ state: 'visible' });
}

/** Waits until there is no such thing in sight any more. */
export async function expectGone(what: Locator): Promise<void> {
  await until(async () => (await what.filter({ visible: true }).count()) === 0, USUAL_MS, `${what} to go away`);
}

/** Waits until the address has this query parameter; null: has it not. */
export async function expectAddress(page: Page, name: string, value: string | null): Promise<void> {
  const has = () => new URL(page.url()).searchParams.get(name) === value;
  await until(has, USUAL_MS, `${name}=${value} in ${page.url()}`);
}

/** Waits until the page has its heading, and nothing of it is being loaded. */
export async function settled(page: Page): Promise<void> {
  // By its element: behind a dialog it has no role.
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await until(async () => (await page.locator('[aria-busy=true]').count()) === 0, USUAL_MS, 'all lists to be there');
  await expectGone(page.getByRole('status', { name: 'Loading' }));
}

/** By how many pixels the content is wider than its place: the window without the bar for scrolling, whose place is always kept. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate<number>(
    'Math.max(0, document.documentElement.scrollWidth - Math.round(document.body.getBoundingClientRect().width))',
  );
}

/** The columns of tables that have no room for a word. */
export function lostColumns(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('th')].filter((th) => th.checkVisibility() && th.offsetWidth < 40).map((th) => th.textContent)`,
  );
}

/** What moved by itself since the page was opened: how much of the window by how much of it, and what. Wait until it is settled. */
export async function shifts(page: Page): Promise<{ value: number; moved: string[] }[]> {
  const found = await page.evaluate<{ value: number; moved: string[] }[]>(OBSERVED_SHIFTS);
  return found.filter(({ value }) => value > 0);
}

// What is observed is told only after a frame: two of them, as the last shift may be in the one that is drawn now.
const OBSERVED_SHIFTS = `new Promise((done) => {
  const at = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
  const read = ({ value, hadRecentInput, sources }) => ({
    value: hadRecentInput ? 0 : value,
    moved: sources.map(({ node, previousRect, currentRect }) =>
      (node?.textContent ?? '').slice(0, 60) + ': from ' + at(previousRect) + ' to ' + at(currentRect)),
  });
  const found = [];
  const observer = new PerformanceObserver((list) => found.push(...list.getEntries().map(read)));
  observer.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => {
    found.push(...observer.takeRecords().map(read));
    observer.disconnect();
    done(found);
  }));
})`;

/** Whether this has the focus. */
export async function hasFocus(what: Locator): Promise<boolean> {
  return (await what.count()) === 1 && what.evaluate((element: any) => element === element.ownerDocument.activeElement);
}

/** Waits until this has the focus. */
export async function expectFocus(what: Locator): Promise<void> {
  await until(() => hasFocus(what), USUAL_MS, `${what} to have the focus`);
}

/** Presses Tab until this has the focus. It must be in sight before. */
export async function tabTo(page: Page, what: Locator, most = 60): Promise<void> {
  await expectShown(what);
  for (let pressed = 0; pressed < most; pressed++) {
    if (await hasFocus(what)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${what} is not reached by ${most} times Tab`);
}
