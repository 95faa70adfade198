import type { Destination, Story } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import { Status, type Tone } from '../../../kit/status.js';
import { useNow } from '../../../kit/time.js';
import { texts } from '../../../texts/en.js';
import { byEndpoint, standingOf } from './standing.js';
import styles from './story.module.css';

const { summary: words } = texts.messages;

/** What became of the message, in one sentence. It is told to screen readers when it changes. */
export function Summary({ message, story }: { message: Message; story: Story }) {
  const { tone, text } = useSummary(message, story);
  return (
    <p role="status" className={styles['summary']}>
      <Status tone={tone}>{text}</Status>
    </p>
  );
}

function useSummary(message: Message, story: Story): { tone: Tone; text: string } {
  const now = useNow();
  const { destinations } = story;
  const attempts = byEndpoint(story);
  const why = (destination: Destination) =>
    standingOf({ message, destination, attempts: attempts.get(destination.id) ?? [], endpoint: undefined, now }).why;
  const failed = destinations.filter(({ statusText }) => statusText === 'fail' || statusText === 'canceled');
  const waiting = destinations.filter(({ statusText }) => statusText === 'pending' || statusText === 'sending');
  const sum = destinations.length;
  if (sum === 0) return { tone: 'off', text: words.nowhere };
  if (failed[0]) return { tone: 'bad', text: words.failed(failed.length, sum, why(failed[0]) ?? words.failedNowhereElse) };
  if (waiting[0]) return { tone: 'waiting', text: words.waiting(waiting.length, sum, why(waiting[0]) ?? words.running) };
  return { tone: 'good', text: words.delivered(sum) };
}
