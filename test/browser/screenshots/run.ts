// npm run screenshots: pictures of the pages of portal and console, with data that this makes, as docs/images/portal-*.png
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CONSOLE_PAGES, PORTAL_PAGES, type AnyPage } from '../support/all-pages.js';
import { LIVELY_SETTINGS, makeLively, type Lively } from '../support/lively.js';
import { openPage } from '../support/open-page.js';
import { Stage } from '../support/stage.js';
import { moveBack, writeHistory } from './history.js';
import { withPalette } from './png.js';

const FOLDER = resolve(import.meta.dirname, '../../../docs/images');
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const MOST_BYTES = 150_000;
/** They show nothing that another page does not. */
const LEFT_OUT = ['no-page', 'attempt', 'message-open', 'endpoint-disabled', 'health', 'application', 'processes-refused'];

const isShown = ({ name }: AnyPage) => !LEFT_OUT.includes(name);

async function take(stage: Stage, place: 'portal' | 'console', page: AnyPage, made: Lively): Promise<void> {
  const name = place === 'portal' ? page.name : `console-${page.name.replace('-operator', '')}`;
  for (const [size, look] of Object.entries(SIZES))
    for (const colours of ['light', 'dark']) {
      const opened = await openPage(stage, place, page, made, { ...look, dark: colours === 'dark' });
      const png = withPalette(await opened.screenshot());
      const file = `portal-${name}-${colours}-${size}.png`;
      if (png.length > MOST_BYTES) throw new Error(`${file} has ${png.length} bytes, more than ${MOST_BYTES}.`);
      writeFileSync(join(FOLDER, file), png);
      process.stdout.write(`${file}: ${Math.round(png.length / 1_000)} KB\n`);
      await stage.endTest();
    }
}

const stage = await Stage.start(LIVELY_SETTINGS);
try {
  const made = await makeLively(stage.app);
  try {
    const shown = await moveBack(stage.app, made);
    await writeHistory(stage.app, shown);
    for (const file of globSync('portal-*.png', { cwd: FOLDER })) rmSync(join(FOLDER, file));
    for (const page of PORTAL_PAGES.filter(isShown)) await take(stage, 'portal', page, shown);
    for (const page of CONSOLE_PAGES.filter(isShown)) await take(stage, 'console', page, shown);
  } finally {
    await made.receiver.stop();
  }
} finally {
  await stage.stop();
}
