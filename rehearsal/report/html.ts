import type { Entry } from '../model.js';
import type { Outcome } from '../run.js';

/** The report of a scenario: one HTML file without anything from elsewhere. */
export function htmlOf({ scenario, verdicts, counted, zero }: Outcome, entries: readonly Entry[]): string {
  const rows = entries
    .filter(({ event }) => event !== 'log')
    .map(
      ({ at, source, subject, event, facts }) =>
        `<tr class="${source}"><td>${(at / 1_000).toFixed(1)}</td><td>${source}</td><td>${escaped(subject)}</td><td>${escaped(event)}</td><td>${escaped(JSON.stringify(facts))}</td></tr>`,
    );
  const judged = verdicts.map(
    ({ text, holds, detail }) => `<li class="${holds ? 'ok' : 'bad'}">${escaped(text)} <small>${escaped(detail)}</small></li>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${scenario.name}</title><style>
body{font:14px system-ui;margin:2rem}table{border-collapse:collapse}td{padding:.1rem .6rem;border-top:1px solid #ddd}.bad{color:#b00}
</style><h1>${escaped(scenario.title)}</h1><ul>${judged.join('')}</ul>${chart(counted, zero)}<table>${rows.join('')}</table></html>
`;
}

/** Requests and failures of each second. */
function chart({ tries }: Outcome['counted'], zero: number): string {
  const by = Map.groupBy(tries, ({ at }) => Math.floor((at - zero) / 1_000));
  const seconds = [...by.keys()].toSorted((a, b) => a - b);
  const bars = seconds.map((second, at) => {
    const some = by.get(second)!;
    const bad = some.filter(({ outcome }) => outcome !== '202').length;
    const good = `<rect x="${at * 8}" y="${200 - some.length / 2}" width="7" height="${some.length / 2}" fill="#4a8"/>`;
    return `${good}<rect x="${at * 8}" y="${200 - bad / 2}" width="7" height="${bad / 2}" fill="#c33"/>`;
  });
  return `<svg width="${seconds.length * 8}" height="200" role="img" aria-label="requests a second, and failures">${bars.join('')}</svg>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!);
}
