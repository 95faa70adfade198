import type { Page } from 'playwright-core';
import type { AnyPage } from './all-pages.js';
import type { Look } from './browser.js';
import type { Lively } from './lively.js';
import { settled } from './page.js';
import type { Stage } from './stage.js';

/** Opens a page of one of the two lists, and waits until it is all there. */
export async function openPage(
  stage: Stage,
  place: 'portal' | 'console',
  page: AnyPage,
  made: Lively,
  look: Look = {},
): Promise<Page> {
  const token = page.as === 'operator' ? stage.app.operatorToken() : stage.app.token;
  const opened =
    place === 'portal'
      ? await stage.portal(made.appId, page.path(made), look)
      : await stage.console(page.path(made), { token, ...look });
  await settled(opened);
  return opened;
}
