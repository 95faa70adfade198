import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(resolve(import.meta.dirname, '../../../node_modules/axe-core/axe.min.js'), 'utf8');
const GRAVE = ['serious', 'critical'];

/** What keeps people from using this page as it is now, by axe-core: a line for each element. https://dequeuniversity.com/rules/axe */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`);
  return violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary = '' }) => `${id} (${help}): ${html.slice(0, 300)} ${failureSummary.replaceAll(/\s+/g, ' ')}`,
      ),
    );
}
