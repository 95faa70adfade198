import type { Message } from '../../../api/messages.js';
import type { Attempt } from '../../../api/message-story.js';

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The headers of an attempt, as far as they are known: those of the message, and those that the endpoint adds. */
export function headersOf(message: Message, attempt: Attempt, added: Record<string, string>): [name: string, value: string][] {
  const { content } = message;
  const type = (content.kind === 'raw' && content.contentType) || 'application/json';
  const custom = Object.entries(added);
  const own: [string, string][] = [
    ['content-type', type],
    ['webhook-id', message.id],
    ['webhook-timestamp', String(Math.floor(attempt.at.getTime() / 1000))],
  ];
  return [...own.filter(([name]) => !custom.some(([other]) => other.toLowerCase() === name)), ...custom];
}

/** curl leaves out a header without a value, unless it ends with a semicolon. */
const headerOf = (name: string, value: string) => (value.trim() === '' ? `${name};` : `${name}: ${value}`);

/** A command that sends the same body to the same URL. It has no signature. */
export function curlOf(message: Message, attempt: Attempt, added: Record<string, string>): string {
  const { content } = message;
  const headers = headersOf(message, attempt, added).map(([name, value]) => `-H ${quoted(headerOf(name, value))}`);
  const isBinary = content.kind === 'raw' && content.base64;
  const body = content.kind === 'expired' ? [] : isBinary ? ['--data-binary @-'] : [`--data-raw ${quoted(content.source)}`];
  const command = [`curl --globoff -X POST ${quoted(attempt.url)}`, ...headers, ...body].join(' \\\n  ');
  return isBinary ? `echo ${quoted(content.source)} | base64 -d | ${command}` : command;
}
