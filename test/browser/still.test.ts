import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CONSOLE_PAGES, PORTAL_PAGES } from './support/all-pages.js';
import { LIVELY_SETTINGS, makeLively, type Lively } from './support/lively.js';
import { openPage } from './support/open-page.js';
import { shifts } from './support/page.js';
import { Stage } from './support/stage.js';

const WINDOW = { width: 1280, height: 800 };
/** A tenth of what the web calls good. 1: all that is in the window moves by its whole height. */
const MOST = 0.01;

let stage: Stage;
let made: Lively;

beforeAll(async () => {
  stage = await Stage.start(LIVELY_SETTINGS);
  made = await makeLively(stage.app);
});
afterEach(() => stage.endTest());
afterAll(async () => {
  await made?.receiver.stop();
  await stage?.stop();
});

describe.each([
  ['portal', PORTAL_PAGES],
  ['console', CONSOLE_PAGES],
] as const)('nothing moves while a page loads: %s', (place, pages) => {
  it.each(pages.map((page) => [page.name, page] as const))('%s', async (_name, page) => {
    const moved = await shifts(await openPage(stage, place, page, made, WINDOW));
    const sum = moved.reduce((all, { value }) => all + value, 0);

    expect(sum > MOST ? moved : []).toEqual([]);
  });
});
