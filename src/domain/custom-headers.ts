import { quoted, shortened } from './quoted.js';

/** Limits on the custom headers of an endpoint: number, length of a name, bytes of a value, and bytes of all names and values. */
export const MAX_HEADERS = 500;
export const MAX_NAME_LENGTH = 256;
export const MAX_VALUE_BYTES = 4096;
const MAX_TOTAL_BYTES = 262_144;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;

// Headers that the service sets itself, that belong to the connection (RFC 9110, 7.6.1; RFC 9113, 8.2.2), or that describe the body.
const RESERVED_NAMES = new Set([
  'host',
  'connection',
  'proxy-connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'age',
  'cache-control',
  'clear-site-data',
  'expires',
  'pragma',
  'warning',
  'content-length',
  'content-type',
  'content-encoding',
  'content-language',
  'content-location',
  // It asks for an interim answer before the body. The body is sent at once, and many receivers refuse such a request (RFC 9110, 10.1.1).
  'expect',
  // An object can't have a property of this name.
  '__proto__',
]);

// With the first ones signatures could be forged. The others are trusted by cloud providers.
const RESERVED_PREFIXES = [
  'svix-',
  'x-svix-',
  'webhook-',
  'x-amz-',
  'x-amzn-',
  'x-google',
  'x-goog-',
  'x-gfe',
  'x-azure-',
  'x-fd-',
];

/** A header whose name contains one of these is taken for a credential. Rather one too many: a hidden value can be written again. */
const SENSITIVE_PARTS = [
  'auth',
  'bearer',
  'cookie',
  'credential',
  'csrf',
  'hmac',
  'jwt',
  'key',
  'passphrase',
  'passwd',
  'password',
  'private',
  'pwd',
  'saml',
  'secret',
  'session',
  'signature',
  'token',
  'xsrf',
];

/** The same for whole words of a name. As parts they are in many other words. */
const SENSITIVE_WORDS = new Set(['creds', 'login', 'otp', 'pass', 'passcode', 'pat', 'pin', 'sas', 'sig']);

/** Why an endpoint's custom header must not have this name, as a sentence for its author; null if it may. */
export function headerNameProblem(name: string): string | null {
  if (!TOKEN.test(name)) return `${quoted(name)} is not a legal header name`;
  const lower = name.toLowerCase();
  if (RESERVED_NAMES.has(lower)) return `The header ${shortened(name)} is reserved`;
  const prefix = RESERVED_PREFIXES.find((reserved) => lower.startsWith(reserved));
  return prefix === undefined ? null : `Headers that start with ${prefix} are reserved`;
}

/** Why a custom header must not have this value, as a sentence that does not repeat the value; null if it may. */
export function headerValueProblem(value: string): string | null {
  // Headers are sent as Latin-1, so that each character is a byte.
  if (value.length > MAX_VALUE_BYTES) return `A header value must not be longer than ${MAX_VALUE_BYTES} bytes`;
  return VALUE.test(value) ? null : 'A header value must not contain control characters, or characters beyond Latin-1';
}

/** Why an endpoint must not have all of these headers together, as a sentence for its author; null if it may. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | null {
  const all = Object.entries(headers);
  if (all.length > MAX_HEADERS) return `An endpoint has at most ${MAX_HEADERS} headers`;
  const bytes = all.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return bytes > MAX_TOTAL_BYTES ? `The headers of an endpoint must not be longer than ${MAX_TOTAL_BYTES} bytes together` : null;
}

/** Whether a header may be sent with a delivery. A stored header may be from a release that allowed more. */
export function isSendableHeader(name: string, value: string): boolean {
  return headerNameProblem(name) === null && headerValueProblem(value) === null;
}

/** Whether the API hides the value of a header with this name, because it looks like a credential. */
export function isSensitiveHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return SENSITIVE_PARTS.some((part) => lower.includes(part)) || lower.split(/[-_.]/).some((word) => SENSITIVE_WORDS.has(word));
}
