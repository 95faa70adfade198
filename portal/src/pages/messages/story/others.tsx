import { Link } from 'react-router';
import { useApplication } from '../../../api/application.js';
import type { Endpoint } from '../../../api/endpoints.js';
import { useEndpointChoices, type Destination } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import { ButtonLink } from '../../../kit/button.js';
import { Empty } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import styles from './story.module.css';

const { others: words } = texts.messages.story;

/** The endpoints that did not get the message, each with the reason. They are open at once if no endpoint got it. */
export function Others({ message, destinations }: { message: Message; destinations: readonly Destination[] }) {
  const { at } = useApplication();
  const { data } = useEndpointChoices();
  if (!data) return null;
  const sentTo = new Set(destinations.map(({ id }) => id));
  const others = data.filter(({ id }) => !sentTo.has(id));
  const isNowhere = destinations.length === 0;
  if (isNowhere && others.length === 0)
    return (
      <Empty icon="endpoints" title={words.nowhere} action={<ButtonLink to={at('/endpoints')}>{words.add}</ButtonLink>}>
        {words.noEndpoints}
      </Empty>
    );
  if (others.length === 0) return null;
  return (
    <details className={styles['others']} open={isNowhere}>
      <summary>{isNowhere ? words.nowhere : words.title(others.length)}</summary>
      <ul>
        {others.map((endpoint) => (
          <li key={endpoint.id}>
            <Link to={at(`/endpoints/${endpoint.id}`)} className="mono">
              {endpoint.url}
            </Link>{' '}
            <span className="muted">{whyNot(message, endpoint)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** As the service decides, with what the endpoint is now. */
function whyNot({ timestamp, eventType, channels: given }: Message, endpoint: Endpoint): string {
  const { createdAt, disabled, eventTypes, channels } = endpoint;
  if (createdAt > timestamp) return words.younger;
  if (disabled) return words.disabled;
  if (eventTypes && !eventTypes.includes(eventType)) return words.type(eventType);
  if (channels && !channels.some((channel) => given?.includes(channel))) return words.channel(channels.join(', '));
  return words.changed;
}
