import { useQuery } from '@tanstack/react-query';
import type { MessageOut } from 'svix';
import { useApplication } from './application.js';
import { request, requestAnswer } from './client.js';
import { memberSource } from './json-source.js';
import { keys } from './keys.js';
import { useList, type List } from './list.js';
import { mergedPages, type Page } from './page.js';

/** How a message stands at an endpoint. `pending`: its first attempt was not made yet; `sending`: an attempt runs or is planned. */
export type StatusText = 'success' | 'pending' | 'fail' | 'sending' | 'canceled';

/** The statuses that the list of one endpoint's messages can be narrowed to, as the API numbers them. */
export const STATUS = { delivered: 0, failed: 2, waiting: 3 } as const;

/** What a list of messages is narrowed to. */
export interface MessageFilter {
  eventTypes?: string[];
  channel?: string;
  tag?: string;
  after?: Date;
  before?: Date;
  /** Only messages that were sent to this endpoint. */
  endpointId?: string;
  /** At that endpoint, or at any. */
  status?: keyof typeof STATUS;
}

/** A message in a list. Those of one endpoint's list have their state there. */
export interface MessageRow extends Omit<MessageOut, 'payload'> {
  statusText?: StatusText;
  nextAttempt?: Date;
}

/** What a message says. */
export type Content =
  | { kind: 'json'; source: string }
  | { kind: 'raw'; source: string; base64: boolean; contentType: string | null }
  | { kind: 'expired' };

/** A message with its payload, as it was written. */
export interface Message extends Omit<MessageOut, 'payload'> {
  content: Content;
}

type WrittenRow = Omit<MessageRow, 'timestamp' | 'deliverAt' | 'nextAttempt'> & {
  timestamp: string;
  deliverAt?: string;
  nextAttempt?: string;
};
type WrittenMessage = WrittenRow & {
  payload: { expired?: unknown; rawPayload?: unknown; encoding?: unknown; contentType?: unknown };
};

export const applicationPath = (appId: string, ...parts: string[]) =>
  `/api/v1/app/${[appId, ...parts].map(encodeURIComponent).join('/')}`;

/**
 * The messages of the application, newest first, without their payloads. A message has a state at each endpoint, and each endpoint lists
 * those with one. So with a status alone all of them are asked.
 *
 * @param endpointIds of the application, needed for a status alone; undefined while they are not known
 */
export function useMessages({ endpointId, ...filter }: MessageFilter, endpointIds?: string[]): List<MessageRow> {
  const { appId } = useApplication();
  const isOfAny = endpointId === undefined && filter.status !== undefined;
  const path = endpointId === undefined ? applicationPath(appId, 'msg') : applicationPath(appId, 'endpoint', endpointId, 'msg');
  return useList<MessageRow>({
    key: [...keys.messages(appId), 'list', endpointId, filter, isOfAny && endpointIds],
    enabled: !isOfAny || endpointIds !== undefined,
    // What waits is delivered and leaves the list: rows that were kept would be wrong.
    gather: filter.status !== 'waiting',
    page: async (iterator) => {
      if (!isOfAny) return messagesOf(path, filter, iterator);
      const paths = (endpointIds ?? []).map((id) => applicationPath(appId, 'endpoint', id, 'msg'));
      const page = mergedPages(await Promise.all(paths.map((one) => messagesOf(one, filter, iterator))));
      return { ...page, data: page.data.map(withoutState) };
    },
    isFinal: ({ statusText }) => statusText === undefined || statusText === 'success' || statusText === 'fail',
  });
}

/** Of a list of all endpoints: each row then asks how its message stands at all of them. */
function withoutState(row: MessageRow): MessageRow {
  const copy = { ...row };
  delete copy.statusText;
  delete copy.nextAttempt;
  return copy;
}

async function messagesOf(path: string, filter: MessageFilter, iterator: string | null): Promise<Page<MessageRow>> {
  const { status, eventTypes, channel, tag, after, before } = filter;
  const query = {
    iterator,
    limit: 50,
    with_content: false,
    event_types: eventTypes,
    channel,
    tag,
    after,
    before,
    status: status === undefined ? null : STATUS[status],
  };
  const page = await request<Page<WrittenRow>>('GET', path, { query });
  return { ...page, data: page.data.map(readRow) };
}

/** One message with its payload, by id or eventId. It never changes, but its payload may expire. */
export function useMessage(id: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: keys.message(appId, id),
    queryFn: async () => readMessage(await requestAnswer('GET', applicationPath(appId, 'msg', id))),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function readRow({ timestamp, deliverAt, nextAttempt, ...row }: WrittenRow): MessageRow {
  return {
    ...row,
    timestamp: new Date(timestamp),
    ...(deliverAt !== undefined && { deliverAt: new Date(deliverAt) }),
    ...(nextAttempt !== undefined && { nextAttempt: new Date(nextAttempt) }),
  };
}

function readMessage({ text, headers }: { text: string; headers: Headers }): Message {
  const { payload, ...row } = JSON.parse(text) as WrittenMessage;
  const source = memberSource(text, 'payload') ?? JSON.stringify(payload);
  return { ...readRow(row), content: contentOf(payload, source, headers.get('x-payload')) };
}

/** A payload may look like what stands for one that is none, so the answer says in a header which it is. */
function contentOf(
  { rawPayload, encoding, contentType }: WrittenMessage['payload'],
  source: string,
  kind: string | null,
): Content {
  if (kind === 'expired') return { kind };
  if (kind !== 'raw') return { kind: 'json', source };
  return {
    kind,
    source: String(rawPayload),
    base64: encoding === 'base64',
    contentType: typeof contentType === 'string' ? contentType : null,
  };
}
