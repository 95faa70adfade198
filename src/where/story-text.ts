import { timeText } from './place.js';
import type { Story } from './story.js';

/** A story for people to read, one fact a line. */
export function storyText(story: Story): string {
  return [
    ...headLines(story),
    ...story.endpoints.flatMap(endpointLines),
    ...section(
      'No delivery to',
      story.withoutDelivery.map((endpoint) => `${nameOf(endpoint)}: ${plain(endpoint.why)}`),
    ),
    ...section(
      'Dead letters',
      story.deadLetters.map(({ id, reason, since }) => `${id}: ${plain(reason)}, since ${timeText(since)}`),
    ),
    ...section('Operational webhooks that are still to be sent', story.operationalEvents.map(eventLine)),
    ...section('Not all is shown: there are more', story.incomplete),
  ].join('\n');
}

function headLines({ message, application, organization, endpoints, now }: Story): string[] {
  const { payload } = message;
  const list = (names: readonly string[] | null) => (names === null ? null : names.map(plain).join(', '));
  const facts: [string, string | null][] = [
    ['accepted', timeText(message.acceptedAt)],
    ['now', timeText(now)],
    [
      'application',
      `${application.id}${parenthesis(application.uid && `uid ${application.uid}`, `name "${plain(application.name)}"`, application.deleted && 'deleted')}`,
    ],
    ['organization', organization],
    ['event type', plain(message.eventType)],
    ['event id', message.eventId && plain(message.eventId)],
    ['channels', list(message.channels)],
    ['tags', list(message.tags)],
    ['deliver at', message.deliverAt && timeText(message.deliverAt)],
    ['content type', message.contentType && plain(message.contentType)],
    ['payload', payload.kept ? `kept until ${timeText(payload.until)}` : 'removed or expired'],
    ['deliveries', endpoints.length === 0 ? 'none: no endpoint was to get it' : `to ${counted(endpoints.length, 'endpoint')}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(13)}${value}`]));
  return [`Message ${message.id}`, ...lines];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function endpointLines(endpoint: Story['endpoints'][number]): string[] {
  const deliveries = endpoint.deliveries.flatMap(({ place, text, manual, run, attempts, fence, dueAt }) => [
    `  ${place}: ${plain(text)}`,
    `    ${manual ? 'manual' : 'automatic'}, run ${run}, attempts ${attempts}, fence ${fence}${dueAt ? `, due ${timeText(dueAt)}` : ''}`,
  ]);
  const attempts = endpoint.attempts.map(
    ({ id, at, trigger, statusCode, durationMs, response }) =>
      `    ${timeText(at)}  ${String(statusCode).padStart(3)} in ${durationMs} ms  ${trigger}  ${id}${response ? `  ${plain(response)}` : ''}`,
  );
  return [
    '',
    `Endpoint ${nameOf(endpoint)}`,
    ...deliveries,
    attempts.length > 0 ? '  attempts' : '  attempts: none has ended',
    ...attempts,
  ];
}

function eventLine({ id, type, endpointId, tries, dueAt }: Story['operationalEvents'][number]): string {
  return `${type} of ${String(endpointId)}: ${id}, tried ${tries} times, due ${timeText(dueAt)}`;
}

function nameOf(endpoint: {
  id: string;
  uid: string | null;
  host: string | null;
  disabled?: boolean;
  deleted?: boolean;
  throttleRate?: number | null;
}): string {
  const { id, uid, host, disabled, deleted, throttleRate } = endpoint;
  return `${id}${parenthesis(uid && `uid ${uid}`, host, disabled && 'disabled', deleted && 'deleted', throttleRate && `${throttleRate} a second`)}`;
}

function parenthesis(...parts: (string | number | false | null | undefined)[]): string {
  const given = parts.filter(Boolean);
  return given.length === 0 ? '' : ` (${given.join(', ')})`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

/** What others wrote, on one line and without characters that a terminal would obey. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
