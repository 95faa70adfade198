import { useQuery } from '@tanstack/react-query';
import type { MessageOut } from 'svix';
import { useApplication } from './application.js';
import { svix } from './client.js';
import { keys } from './keys.js';
import { useList, type List } from './list.js';

/** What a list of messages is narrowed to. */
export interface MessageFilter {
  eventTypes?: string[];
  channel?: string;
  tag?: string;
  after?: Date;
  before?: Date;
}

/** The messages of the application, newest first, without their payloads. */
export function useMessages(filter: MessageFilter = {}): List<MessageOut> {
  const { appId } = useApplication();
  return useList({
    key: [...keys.messages(appId), 'list', filter],
    page: (iterator) => svix().message.list(appId, { ...filter, iterator, limit: 50, withContent: false }),
  });
}

/** One message with its payload, by id or eventId. It never changes. */
export function useMessage(id: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: keys.message(appId, id),
    queryFn: () => svix().message.get(appId, id),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
