const MAX_VALUE_BYTES = 4096;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;

// What the service sets itself, what belongs to the connection (RFC 9110, 7.6.1; RFC 9113, 8.2.2), and what describes a body the user does not write.
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
  // It asks for an interim answer before the body, which is sent at once; many receivers refuse the request then (RFC 9110, 10.1.1).
  'expect',
  // An object that is made of headers loses it.
  '__proto__',
]);

// Signatures must not be forgeable by a header, and clouds trust their own headers.
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

const SENSITIVE_NAMES = new Set([
  'authorization',
  'proxy-authorization',
  'proxy-authenticate',
  'www-authenticate',
  'x-api-key',
  'x-auth-token',
]);

/** Why an endpoint's custom header may not have this name, as a sentence for its author, or null if it may. */
export function headerNameProblem(name: string): string | null {
  if (!TOKEN.test(name)) return `${JSON.stringify(name)} is not a legal header name`;
  const lower = name.toLowerCase();
  if (RESERVED_NAMES.has(lower)) return `The header ${name} is reserved`;
  const prefix = RESERVED_PREFIXES.find((reserved) => lower.startsWith(reserved));
  return prefix === undefined ? null : `Headers that start with ${prefix} are reserved`;
}

/** Why a custom header may not have this value, as a sentence that does not repeat it, or null if it may. */
export function headerValueProblem(value: string): string | null {
  // Headers travel as Latin-1, so a character is a byte here.
  if (value.length > MAX_VALUE_BYTES) return `A header value must not be longer than ${MAX_VALUE_BYTES} bytes`;
  return VALUE.test(value) ? null : 'A header value must not contain control characters, or characters beyond Latin-1';
}

/** Whether a header may go out with a delivery. One that was written when more was allowed may not. */
export function isSendableHeader(name: string, value: string): boolean {
  return headerNameProblem(name) === null && headerValueProblem(value) === null;
}

/** Whether the value of a header with this name is withheld from readers of the endpoint. */
export function isSensitiveHeader(name: string): boolean {
  return SENSITIVE_NAMES.has(name.toLowerCase());
}
