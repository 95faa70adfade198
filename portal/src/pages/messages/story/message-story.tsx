import { useStory } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import { faultOf } from '../../../api/errors.js';
import { Notice } from '../../../kit/page.js';
import { ErrorBox, SkeletonLines } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import { Accepted } from './accepted.js';
import { DestinationStory } from './destination-story.js';
import { Others } from './others.js';
import { byEndpoint } from './standing.js';
import styles from './story.module.css';
import { Summary } from './summary.js';

const { story: words } = texts.messages;

/** The story of a message, on one line in time: what was accepted, and all that happened at each endpoint. It needs an application above it. */
export function MessageStory({ message }: { message: Message }) {
  const story = useStory(message.id);
  const { data, error, isPending, refetch, resend, isAwaited } = story;
  // The sentence above all is as long as what came of the message: nothing is shown before it.
  if (isPending) return <SkeletonLines lines={8} />;
  const attempts = data ? byEndpoint(data) : new Map<string, never>();
  return (
    <div className={styles['whole']}>
      {data && <Summary message={message} story={data} />}
      {error && <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />}
      <ol className={styles['story']} aria-label={words.label}>
        <Accepted message={message} />
        {data?.destinations.map((destination) => (
          <DestinationStory
            key={destination.id}
            message={message}
            destination={destination}
            attempts={attempts.get(destination.id) ?? []}
            awaited={isAwaited(destination.id)}
            resend={resend}
          />
        ))}
      </ol>
      {data?.hasMoreDestinations && <Notice title={words.moreEndpoints(data.destinations.length)} />}
      {data?.hasMoreAttempts && <Notice title={words.moreAttempts(data.attempts.length)} />}
      {data && !data.hasMoreDestinations && <Others message={message} destinations={data.destinations} />}
    </div>
  );
}
