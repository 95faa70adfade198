import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The event of a function URL, payload format 2.0: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload */
export function urlEvent(request: IncomingMessage, body: Buffer, { urlId, account, region }: UrlPlace): object {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const headers = headersOf(request);
  const domainName = `${urlId}.lambda-url.${region}.on.aws`;
  const isBase64Encoded = body.length > 0 && !isText(headers['content-type']);
  const now = new Date();
  const http = {
    method: request.method,
    path: rawPath,
    protocol: 'HTTP/1.1',
    sourceIp: request.socket.remoteAddress ?? '',
    userAgent: headers['user-agent'] ?? '',
  };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(headers['cookie'] === undefined ? {} : { cookies: headers['cookie'].split('; ') }),
    headers: { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-for': http.sourceIp },
    ...(rawQueryString === '' ? {} : { queryStringParameters: parametersOf(rawQueryString) }),
    requestContext: {
      accountId: account,
      apiId: urlId,
      authentication: null,
      authorizer: null,
      domainName,
      domainPrefix: urlId,
      http,
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: requestTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

export interface UrlPlace {
  urlId: string;
  account: string;
  region: string;
}

export interface UrlAnswer {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
}

/**
 * What the client gets for a function's result. Without a `statusCode` the result itself is the body.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */
export function urlAnswer(result: unknown): UrlAnswer {
  const { statusCode, headers, cookies, body, isBase64Encoded } = (result ?? {}) as {
    statusCode?: number;
    headers?: Record<string, string>;
    cookies?: string[];
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  if (statusCode === undefined)
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      cookies: [],
      body: Buffer.from(JSON.stringify(result)),
    };
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: statusCode,
    headers: { 'content-type': 'application/json', ...Object.fromEntries(named) },
    cookies: cookies ?? [],
    body: Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** Names in lower case; several of a name are joined. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers = Object.entries(request.headers);
  return Object.fromEntries(headers.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]));
}

/** Assumption: these are what Lambda calls not binary; its guide has no list. */
function isText(contentType = ''): boolean {
  return /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|[^;]+\+(json|xml))/i.test(contentType);
}

function parametersOf(query: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) joined[name] = name in joined ? `${joined[name]},${value}` : value;
  return joined;
}

/** `12/Mar/2020:19:03:58 +0000` */
function requestTime(time: Date): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString())!;
  return `${day}/${month}/${year}:${clock} +0000`;
}
