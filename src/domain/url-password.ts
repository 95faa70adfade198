import { percentDecoded } from './endpoint-url.js';

/** Stands for a password where a URL is shown. */
const MASK = '****';

/** The URL with `****` instead of its password, as it is shown and stored. A URL without a password stays as it is. */
export function maskedUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || url.password === '') return text;
  url.password = MASK;
  return url.href;
}

/** The URL with this password, which is percent-encoded already. */
export function withPassword(text: string, password: string): string {
  const url = new URL(text);
  url.password = password;
  return url.href;
}

/** The password in a URL, percent-encoded; null for none, or a mask. */
export function passwordIn(text: string): string | null {
  const url = URL.parse(text);
  return url && url.password !== '' && !isMask(url.password) ? url.password : null;
}

/** Whether the URL has a mask in the place of its password. */
export function hasMask(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && isMask(url.password);
}

/** Who a password in the URL is for: scheme, host, port and user. */
export function receiverOf(text: string): readonly [scheme: string, host: string, user: string] {
  const { protocol, host, username } = new URL(text);
  return [protocol, host, username];
}

function isMask(password: string): boolean {
  return percentDecoded(password).toString('latin1') === MASK;
}
