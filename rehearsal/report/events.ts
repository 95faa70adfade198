import type { Entry, Source } from '../model.js';
import { escaped } from './escape.js';
import type { Mark, Story } from './story.js';
import type { Entries } from './told.js';
import { count, cut, factsOf, lastPart, seconds } from './words.js';

/** Beyond this the page would be slow: small steps are left out then. */
const MOST_ROWS = 2_000;
const MOST_FACTS = 300;
const SIGNS: Record<Mark['tone'], string> = { plain: '', good: '✓ ', bad: '✗ ' };
const SOURCES: readonly Source[] = ['codedeploy', 'alb', 'ecs', 'cloudwatch', 'lambda', 'load', 'scenario'];

/** The list of events; what small steps and sources are shown can be chosen, without a script. */
export function eventsOf({ marks }: Pick<Story, 'marks'>, entries: Entries): string {
  const byPlace = new Map(marks.map((mark) => [mark.nth, mark]));
  const listed = entries
    .map((entry, nth) => ({ entry, nth, mark: byPlace.get(nth) }))
    .filter(({ entry }) => entry.event !== 'log');
  const spare = MOST_ROWS - marks.length;
  let small = 0;
  const rows = listed.filter(({ mark }) => mark !== undefined || ++small <= spare).map(rowOf);
  const left = Math.max(0, small - spare);
  return `<section aria-labelledby="events"><h2 id="events">Events</h2>
${filters(listed.map(({ entry }) => entry.source))}${left > 0 ? `<p>${count(left)} small steps are left out.</p>` : ''}
<div class="scroll" tabindex="0" role="region" aria-labelledby="events"><table class="events">
<thead><tr><th scope="col" class="number">Time</th><th scope="col">Source</th><th scope="col">What</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>
`;
}

/** Hides what is not chosen. */
export const EVENTS_STYLE = [
  ...SOURCES.map((source) => `body:has(#f-${source}:not(:checked)) .events .${source}{display:none}`),
  'body:has(#f-small:not(:checked)) .events .small{display:none}',
].join('');

function filters(sources: readonly Source[]): string {
  const boxes = SOURCES.filter((source) => sources.includes(source)).map(
    (source) => `<label><input type="checkbox" id="f-${source}" checked> ${source}</label>`,
  );
  return `<fieldset><legend>Show</legend>${boxes.join('')}<label><input type="checkbox" id="f-small"> small steps too</label></fieldset>`;
}

function rowOf({ entry, nth, mark }: { entry: Entry; nth: number; mark: Mark | undefined }): string {
  const { at, source, subject, event, facts } = entry;
  const what = mark
    ? `<b class="${mark.tone}">${SIGNS[mark.tone]}${escaped(mark.lane === 'phase' ? `phase ${mark.text}` : mark.text)}</b>`
    : `${escaped(lastPart(subject))} ${escaped(event)} <span class="facts">${escaped(cut(factsOf(facts), MOST_FACTS))}</span>`;
  return `<tr id="e${nth}" class="${source}${mark ? '' : ' small'}"><td class="number">${seconds(at)}</td><td>${source}</td><td>${what}</td></tr>`;
}
