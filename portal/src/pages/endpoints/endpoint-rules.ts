import { urlProblem } from '../../api/endpoint-url.js';
import type { UrlRules } from '../../api/settings.js';
import { isPathName, isPlainName, textProblem } from '../../api/text-rules.js';
import * as texts from '../../texts/en.js';

const words = texts.endpoints.form.rules;

// The limits of the API (its OpenAPI document), told before the request.
const MAX_CHANNELS = 10;
const MAX_RATE = 65_535;
const MAX_HEADERS = 500;
const MAX_HEADER_NAME = 256;
const MAX_HEADER_VALUE = 4096;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;
const RESERVED =
  /^(host|connection|proxy-(connection|authenticate|authorization)|http2-settings|keep-alive|te|trailers|transfer-encoding|upgrade|user-agent|age|cache-control|clear-site-data|expires|pragma|warning|content-(length|type|encoding|language|location)|expect|__proto__|(x-)?svix-.*|webhook-.*|x-amzn?-.*|x-goog(le|-).*|x-gfe.*|x-azure-.*|x-fd-.*)$/i;

/** A custom header in the form. `was` is its name on the server; a hidden value stays until another is typed. */
export interface HeaderRow {
  key: string;
  name: string;
  value: string;
  was: string | null;
  hidden: boolean;
}

/** What stands in the form. */
export interface EndpointValues {
  url: string;
  description: string;
  eventTypes: string[];
  channels: string[];
  /** In the fields of the two, and not chosen. */
  typedEventType: string;
  typedChannel: string;
  rate: string;
  uid: string;
  secret: string;
  headers: HeaderRow[];
}

/** A problem by the name of its field; of headers by `headers.<key>`. */
export type Problems = Record<string, string>;

/** What is wrong with the form, before the server is asked. */
export function problemsOf(values: EndpointValues, rules: UrlRules): Problems {
  const { url, description, eventTypes, channels, typedEventType, typedChannel, rate, uid, secret, headers } = values;
  const found: Record<string, string | null> = {
    url: urlProblem(url, rules),
    description: textProblem(description),
    eventTypes: unchosen(typedEventType) ?? namesProblem(eventTypes),
    channels:
      unchosen(typedChannel) ??
      (channels.length > MAX_CHANNELS ? words.channels(MAX_CHANNELS) : namesProblem(channels, isPlainName)),
    rate: rate === '' || (/^\d+$/.test(rate) && Number(rate) >= 1 && Number(rate) <= MAX_RATE) ? null : words.rate,
    uid: uid === '' || (isPathName(uid) && !uid.startsWith('ep_')) ? null : words.uid,
    secret: secretProblem(secret),
    headers: headers.length > MAX_HEADERS ? words.headerCount(MAX_HEADERS) : null,
    ...Object.fromEntries(headers.map((row) => [`headers.${row.key}`, headerProblem(row, headers)])),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== null));
}

const unchosen = (typed: string) => (typed.trim() === '' ? null : texts.kit.notChosen(typed.trim()));

function namesProblem(names: readonly string[], isGood = isPathName): string | null {
  const wrong = names.find((name) => !isGood(name));
  return wrong === undefined ? null : words.name(wrong);
}

/** A signing secret in the format of Standard Webhooks; '' is none. */
export function secretProblem(text: string): string | null {
  if (text === '') return null;
  if (text.startsWith('whpk_')) return words.secretPublic;
  const isPair = text.startsWith('whsk_');
  if (!isPair && !text.startsWith('whsec_')) return words.secretStart;
  const bytes = bytesOf(text.slice(text.indexOf('_') + 1));
  if (bytes === null) return words.secretBase64;
  if (isPair) return bytes === 64 ? null : words.secretPair(bytes);
  return bytes >= 24 && bytes <= 75 ? null : words.secretLength(bytes);
}

function bytesOf(base64: string): number | null {
  try {
    const decoded = atob(base64);
    return btoa(decoded) === base64 ? decoded.length : null;
  } catch {
    return null;
  }
}

function headerProblem(row: HeaderRow, all: readonly HeaderRow[]): string | null {
  const { name, value } = row;
  if (name === '') return value === '' ? null : words.headerMissing;
  if (!HEADER_NAME.test(name) || name.length > MAX_HEADER_NAME) return words.headerName;
  if (RESERVED.test(name)) return words.headerReserved;
  if (all.some((other) => other !== row && other.name.toLowerCase() === name.toLowerCase())) return words.headerTwice;
  return HEADER_VALUE.test(value) && value.length <= MAX_HEADER_VALUE ? null : words.headerValue;
}
