import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AwsError } from './aws-error.js';
import type { ApiRequest } from './request.js';

const XML = 'text/xml';

/** Answers in the protocol of the request. */
export function answer(response: ServerResponse, request: ApiRequest, output: object, xmlNamespace = ''): void {
  const id = randomUUID();
  if (request.protocol === 'query') {
    const result = `<${request.action}Result>${xmlOf(output)}</${request.action}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`;
    const text = `<${request.action}Response xmlns="${xmlNamespace}">${result}${metadata}</${request.action}Response>`;
    send(response, { status: 200, contentType: XML, id, text });
  } else send(response, { status: 200, contentType: request.contentType, id, text: JSON.stringify(output) });
}

/**
 * Answers an error in the protocol of the request.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization,
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
 */
export function answerError(
  response: ServerResponse,
  request: Pick<ApiRequest, 'protocol' | 'contentType'>,
  error: AwsError,
): void {
  const id = randomUUID();
  const { code, message, status } = error;
  const type = status < 500 ? 'Sender' : 'Receiver';
  if (request.protocol === 'query') {
    const text = `<ErrorResponse><Error>${xmlOf({ Type: type, Code: code, Message: message })}</Error><RequestId>${id}</RequestId></ErrorResponse>`;
    return send(response, { status, contentType: XML, id, text });
  }
  // Services that spoke XML once tell the code of those days in this header.
  response.setHeader('x-amzn-query-error', `${code};${type}`);
  response.setHeader('x-amzn-errortype', code);
  const contentType = request.contentType || 'application/x-amz-json-1.1';
  send(response, { status, contentType, id, text: JSON.stringify({ __type: code, message }) });
}

/** Fields are elements, lists are elements with `member`s, and what is undefined is left out. */
export function xmlOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xmlOf(item)}</member>`).join('');
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return escaped(String(value));
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined && inner !== null)
    .map(([name, inner]) => `<${name}>${xmlOf(inner)}</${name}>`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

interface Sent {
  status: number;
  contentType: string;
  id: string;
  text: string;
}

function send(response: ServerResponse, { status, contentType, id, text }: Sent): void {
  response.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': id }).end(text);
}
