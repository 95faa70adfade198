import { escaped } from './escape.js';
import { EVENTS_STYLE, eventsOf } from './events.js';
import { logsOf } from './logs.js';
import { POLICY, SCRIPT } from './script.js';
import { failuresByOutcome, highest } from './series.js';
import { storyOf } from './story.js';
import { styleOf } from './style.js';
import { timelineOf } from './timeline.js';
import { isPassed, type Entries, type Told } from './told.js';
import { count, lastPart, millis } from './words.js';

/** The report of a scenario: one HTML page that needs nothing from elsewhere, and no script to be read. */
export function htmlOf(told: Told, entries: Entries): string {
  const { scenario, samples } = told;
  const story = storyOf(told, entries);
  const body = `${head(told)}${verdicts(told)}${facts(told)}${timelineOf(story, samples)}
<div class="both">${eventsOf(story, entries)}${logsOf(story, told, entries)}</div>
${samples.length > 0 ? `<script>${SCRIPT}</script>` : ''}`;
  return pageOf(`${isPassed(told) ? 'Passed' : 'Failed'}: ${scenario.name}`, body);
}

/** A whole page. `body` is HTML. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<title>${escaped(title)}</title>
<style>${styleOf(EVENTS_STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** Whether it passed: a word, a sign and a colour. */
export function badgeOf(passed: boolean): string {
  return passed ? '<span class="badge good">✓ Passed</span>' : '<span class="badge bad">✗ Failed</span>';
}

function head(told: Told): string {
  const { name, title } = told.scenario;
  return `<header><p class="soft">Rehearsal of a release: ${escaped(name)}</p><h1>${escaped(title)}</h1><p>${badgeOf(isPassed(told))}</p></header>
`;
}

function verdicts({ verdicts }: Told): string {
  const items = verdicts.map(
    ({ text, holds, detail }) =>
      `<li class="${holds ? '' : 'bad'}"><b class="${holds ? 'good' : 'bad'}">${holds ? '✓' : '✗'}</b>${holds ? '' : 'Not so: '}${escaped(text)} <small>${escaped(detail)}</small></li>`,
  );
  return `<section aria-labelledby="verdicts"><h2 id="verdicts">Verdicts</h2><ul class="plain verdicts">${items.join('')}</ul></section>
`;
}

function facts({ record, counted, samples, scenario }: Told): string {
  const { builds = { blue: 'before', green: 'now' } } = scenario;
  const failed = failuresByOutcome(samples);
  const told: [string, string][] = [
    ['Builds', `blue is “${builds.blue}”, green is “${builds.green}”`],
    ...(record ? ofRecord(record) : []),
    ...(counted
      ? ([
          ['Requests', count(counted.sent)],
          ['Accepted', count(counted.accepted)],
          ['Lost', count(counted.missing)],
          ['Arrived twice', count(counted.duplicates.length)],
        ] as [string, string][])
      : []),
    ['Failed requests', failed.map(([outcome, times]) => `${count(times)} × ${outcome}`).join(', ') || 'none'],
    ['Highest p99 of a second', millis(highest(samples.map(({ load }) => load.p99Ms)))],
  ];
  return `<dl>${told.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
`;
}

function ofRecord({ id, status, configName, taskDefinition, error }: NonNullable<Told['record']>): [string, string][] {
  return [
    ['Deployment', `${id}: ${status}`],
    ['Configuration', configName],
    ['Task definition', lastPart(taskDefinition)],
    ...(error ? ([['Error', `${error.code}: ${error.message}`]] as [string, string][]) : []),
  ];
}
