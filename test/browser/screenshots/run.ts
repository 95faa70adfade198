// npm run screenshots: pictures of the pages of portal and console, with data that this makes, as docs/images/portal-*.png
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { CONSOLE_PAGES, PORTAL_PAGES, type AnyPage } from '../support/all-pages.js';
import type { Look } from '../support/browser.js';
import { LIVELY_SETTINGS, makeLively, type Lively } from '../support/lively.js';
import { openPage } from '../support/open-page.js';
import { Stage } from '../support/stage.js';
import { moveBack, writeHistory } from './history.js';
import { withPalette } from './png.js';

const DOCS = resolve(import.meta.dirname, '../../../docs');
const FOLDER = join(DOCS, 'images');
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const MOST_BYTES = 150_000;
/** They show nothing that another page does not. */
const LEFT_OUT = ['no-page', 'attempt', 'message-open', 'endpoint-disabled', 'health', 'application', 'processes-refused'];
const LIST_HEAD = `# Portal, console and documentation, page by page

What \`npm run screenshots\` took, in the colours that your device prefers: on a desk on the left, on a phone on the right. The data is made for the
pictures. The portal is what a customer sees of one application, the console what your team sees.
`;

/** Two pages may have the same title: a window above a page leaves it. */
function headingOf(name: string): string {
  if (name === 'docs') return 'Documentation';
  const page = name.replace(/^console-/, '').replaceAll('-', ' ');
  return `${name.startsWith('console-') ? 'Console' : 'Portal'}: ${page}`;
}

const isShown = ({ name }: AnyPage) => !LEFT_OUT.includes(name);

/** Takes the pictures of a page that `open` opens, and answers what the list of all pages says of it. */
async function take(stage: Stage, name: string, open: (look: Look) => Promise<Page>): Promise<string> {
  let title = '';
  for (const [size, look] of Object.entries(SIZES))
    for (const colours of ['light', 'dark']) {
      const opened = await open({ ...look, dark: colours === 'dark' });
      title = await opened.title();
      const png = withPalette(await opened.screenshot());
      const file = `portal-${name}-${colours}-${size}.png`;
      if (png.length > MOST_BYTES) throw new Error(`${file} has ${png.length} bytes, more than ${MOST_BYTES}.`);
      writeFileSync(join(FOLDER, file), png);
      process.stdout.write(`${file}: ${Math.round(png.length / 1_000)} KB\n`);
      await stage.endTest();
    }
  const picture = (size: string, width: number) => `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/portal-${name}-dark-${size}.png">
  <img alt="${title}, ${size}" src="images/portal-${name}-light-${size}.png" width="${width}">
</picture>`;
  return `\n## ${headingOf(name)}\n\n${picture('desktop', 640)}\n${picture('phone', 195)}\n`;
}

async function takeAll(stage: Stage, made: Lively): Promise<string> {
  let list = LIST_HEAD;
  for (const page of PORTAL_PAGES.filter(isShown))
    list += await take(stage, page.name, (look) => openPage(stage, 'portal', page, made, look));
  for (const page of CONSOLE_PAGES.filter(isShown))
    list += await take(stage, `console-${page.name.replace('-operator', '')}`, (look) =>
      openPage(stage, 'console', page, made, look),
    );
  const open = async (look: Look) => {
    const page = await stage.browser.open(`${stage.app.url}/docs#/Message`, look);
    await page.getByText('Send a message', { exact: true }).waitFor();
    return page;
  };
  return list + (await take(stage, 'docs', open));
}

const stage = await Stage.start(LIVELY_SETTINGS);
try {
  const made = await makeLively(stage.app);
  try {
    const shown = await moveBack(stage.app, made);
    await writeHistory(stage.app, shown);
    for (const file of globSync('portal-*.png', { cwd: FOLDER })) rmSync(join(FOLDER, file));
    writeFileSync(join(DOCS, 'pages.md'), await takeAll(stage, shown));
  } finally {
    await made.receiver.stop();
  }
} finally {
  await stage.stop();
}
