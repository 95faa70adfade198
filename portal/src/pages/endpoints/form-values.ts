import type { EndpointIn, EndpointPatch } from 'svix';
import type { EndpointHeaders } from '../../api/endpoint-headers.js';
import type { Endpoint } from '../../api/endpoints.js';
import type { EndpointValues, HeaderRow, Problems } from './endpoint-rules.js';

/** The form of a new endpoint. */
export const EMPTY: EndpointValues = {
  url: '',
  description: '',
  eventTypes: [],
  channels: [],
  typedEventType: '',
  typedChannel: '',
  rate: '',
  uid: '',
  secret: '',
  headers: [],
};

/** The form of an endpoint that exists. */
export function valuesOf(endpoint: Endpoint, headers: EndpointHeaders | undefined): EndpointValues {
  const { url, description, eventTypes, channels, throttleRate, uid } = endpoint;
  return {
    url,
    description,
    eventTypes: eventTypes ?? [],
    channels: channels ?? [],
    typedEventType: '',
    typedChannel: '',
    rate: throttleRate === null || throttleRate === undefined ? '' : String(throttleRate),
    uid: uid ?? '',
    secret: '',
    headers: headers ? rowsOf(headers) : [],
  };
}

function rowsOf({ headers, sensitive }: EndpointHeaders): HeaderRow[] {
  const shown = Object.entries(headers).map(([name, value]) => ({ key: name, name, value, was: name, hidden: false }));
  const hidden = sensitive.map((name) => ({ key: name, name, value: '', was: name, hidden: true }));
  return [...shown, ...hidden].sort((one, other) => one.name.localeCompare(other.name));
}

/** The request that makes the endpoint. */
export function endpointInOf(values: EndpointValues): EndpointIn {
  const { url, description, eventTypes, channels, rate, uid, secret, headers } = values;
  const given = headers.filter(({ name }) => name !== '');
  return {
    url: url.trim(),
    description,
    ...(eventTypes.length > 0 && { eventTypes }),
    ...(channels.length > 0 && { channels }),
    ...(rate !== '' && { throttleRate: Number(rate) }),
    ...(uid !== '' && { uid }),
    ...(secret !== '' && { secret }),
    ...(given.length > 0 && { headers: Object.fromEntries(given.map(({ name, value }) => [name, value])) }),
  };
}

/** What of the endpoint is to change; null if nothing is. */
export function patchOf(before: EndpointValues, now: EndpointValues): EndpointPatch | null {
  const listOf = (names: readonly string[]) => (names.length > 0 ? [...names] : null);
  const patch = {
    ...(now.url.trim() !== before.url && { url: now.url.trim() }),
    ...(now.description !== before.description && { description: now.description }),
    ...(!isSame(now.eventTypes, before.eventTypes) && { eventTypes: listOf(now.eventTypes) }),
    ...(!isSame(now.channels, before.channels) && { channels: listOf(now.channels) }),
    ...(now.rate !== before.rate && { throttleRate: now.rate === '' ? null : Number(now.rate) }),
    ...(now.uid !== before.uid && { uid: now.uid === '' ? null : now.uid }),
  };
  return Object.keys(patch).length > 0 ? (patch as EndpointPatch) : null;
}

/**
 * Which custom headers are to be set or, by null, deleted; null if none is.
 *
 * @param before those that the form was filled with: one that was added elsewhere since is none that was deleted here
 */
export function headersPatchOf(before: readonly HeaderRow[], now: readonly HeaderRow[]): Record<string, string | null> | null {
  const kept = new Set(now.map(({ name }) => name.toLowerCase()));
  const patch: Record<string, string | null> = {};
  for (const { name } of before) if (!kept.has(name.toLowerCase())) patch[name] = null;
  for (const row of now) {
    const { name, value } = row;
    if (name === '') continue;
    const old = before.find((one) => one.name === name);
    const isHidden = row.hidden && value === '';
    if (!isHidden && (old === undefined || old.hidden || old.value !== value)) patch[name] = value;
  }
  return Object.keys(patch).length > 0 ? patch : null;
}

/** The API's problems at the fields of the form. */
export function problemsAtFields(fields: Record<string, string>, { headers }: EndpointValues): Problems {
  return Object.fromEntries(
    Object.entries(fields).map(([path, message]) => {
      if (path === 'throttleRate' || path === 'rateLimit') return ['rate', message];
      const [first = '', second] = path.split('.');
      if (first !== 'headers') return [first, message];
      const row = second === undefined ? undefined : headers.find(({ name }) => path.slice('headers.'.length) === name);
      return [row ? `headers.${row.key}` : 'headers', message];
    }),
  );
}

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((name) => other.includes(name));
