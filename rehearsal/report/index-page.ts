import { failedOf, hasPassed, type Result } from '../result.js';
import { escaped } from './escape.js';
import { firstName } from './files.js';
import { badgeOf, pageOf } from './html.js';
import { count } from './words.js';

/**
 * The page that leads to the reports of all scenarios that were played.
 *
 * @param hasReport whether there is a report of this name beside it; a scenario that never began has none
 */
export function indexOf(results: readonly Result[], hasReport: (name: string) => boolean = () => true): string {
  const passed = results.filter(hasPassed).length;
  const rows = results.map((result) => {
    const { name, title, seconds, sent, first } = result;
    const link = (to: string, text: string) =>
      hasReport(to) ? `<a href="${escaped(encodeURIComponent(to))}.html">${escaped(text)}</a>` : escaped(text);
    const before = first
      ? `<p>This is the second play. ${link(firstName(name), 'The first one')} failed:</p>${whyOf(first)}`
      : '';
    return `<tr><td>${badgeOf(hasPassed(result))}</td><th scope="row">${link(name, name)}</th><td>${escaped(title)}${whyOf(result)}${before}</td><td class="number">${seconds.toFixed(0)} s</td><td class="number">${count(sent)}</td></tr>`;
  });
  const all = passed === results.length;
  const body = `<header><h1>Rehearsal of releases</h1><p>${badgeOf(all)} ${count(passed)} of ${count(results.length)} scenarios passed</p></header>
<div class="scroll" tabindex="0" role="region" aria-label="Scenarios"><table>
<thead><tr><th scope="col">Verdict</th><th scope="col">Scenario</th><th scope="col">What happens</th><th scope="col" class="number">took</th><th scope="col" class="number">requests</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
  return pageOf(`${all ? 'Passed' : 'Failed'}: rehearsal of releases`, body);
}

function whyOf(result: Result): string {
  const failed = failedOf(result).map(
    ({ text, detail }) => `<li class="bad">Not so: ${escaped(text)} <small>${escaped(detail)}</small></li>`,
  );
  return failed.length > 0 ? `<ul class="plain">${failed.join('')}</ul>` : '';
}
