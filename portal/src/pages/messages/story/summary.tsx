import type { Destination, Story } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import { Status, type Tone } from '../../../kit/status.js';
import { useNow } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import { reasonOf } from './reason.js';
import { byEndpoint, standingOf } from './standing.js';
import styles from './story.module.css';

const { summary: words } = texts.messages;

/** What became of the message, in one sentence. It is told to screen readers when it changes. */
export function Summary({ message, story }: { message: Message; story: Story }) {
  const { tone, text, why } = useSummary(message, story);
  return (
    <p role="status" className={styles['summary']}>
      <Status tone={tone}>{text}</Status>
      {why !== null && <span>{why}</span>}
    </p>
  );
}

function useSummary(message: Message, story: Story): { tone: Tone; text: string; why: string | null } {
  const now = useNow();
  const { destinations } = story;
  const attempts = byEndpoint(story);
  const failed = destinations.filter(({ statusText }) => statusText === 'fail' || statusText === 'canceled');
  const waiting = destinations.filter(({ statusText }) => statusText === 'pending' || statusText === 'sending');
  const sum = destinations.length;
  const whyOf = (some: readonly Destination[]) => {
    const whys = some.map(
      (destination) =>
        standingOf({ message, destination, attempts: attempts.get(destination.id) ?? [], endpoint: undefined, now, most: null })
          .why,
    );
    // One reason for all is told as it is; several only by their short names.
    if (new Set(whys).size === 1) return whys[0] ?? null;
    const last = some.flatMap(({ id }) => attempts.get(id)?.at(-1) ?? []);
    const kinds = [...new Set(last.flatMap((attempt) => reasonOf(attempt)?.word ?? []))];
    return kinds.length === 0 ? null : words.reasons(kinds);
  };
  if (sum === 0) return { tone: 'off', text: words.nowhere, why: null };
  if (failed.length > 0) {
    const text = words.failed(failed.length, sum) + (waiting.length > 0 ? words.more(waiting.length) : '');
    return { tone: 'bad', text, why: whyOf(failed) };
  }
  if (waiting.length > 0) return { tone: 'waiting', text: words.waiting(waiting.length, sum), why: whyOf(waiting) };
  return { tone: 'good', text: words.delivered(sum), why: null };
}
