import { quoted } from '../domain/quoted.js';
import type { WebhookRequest } from './webhook-request.js';

/** RFC 9110, 5.1 and 5.5: a field name and a field value. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The request line and the header section of a POST, for Latin-1. It refuses any header that could begin another line, wherever the header
 * comes from.
 *
 * @throws RangeError naming the header
 */
export function requestHead({ url, headers, body }: WebhookRequest): string {
  let head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    const value = headers[at + 1]!;
    if (!NAME.test(name) || !VALUE.test(value)) throw new RangeError(`The header ${quoted(name)} can't be sent.`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${body.length}\r\n\r\n`;
}
