import { useEffect, useRef, useState } from 'react';
import { isFinal, useDestinations } from '../../api/message-story.js';
import type { MessageRow, StatusText } from '../../api/messages.js';
import { Skeleton } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import { Time, useNow } from '../../kit/time.js';
import * as texts from '../../texts/en.js';

const { state: words } = texts.messages;
/** Rows just below the window are asked for too. */
const BEYOND = '200px';

/** How a message stands. The list of one endpoint knows it; else each row in sight asks, and goes on while something is not final. */
export function MessageState({ message }: { message: MessageRow }) {
  const { statusText, nextAttempt } = message;
  if (statusText === undefined) return <AtAll message={message} />;
  return <State states={[statusText]} next={nextAttempt ?? null} message={message} />;
}

function AtAll({ message }: { message: MessageRow }) {
  const [place, isSeen] = useSeen<HTMLSpanElement>();
  const { data, isError } = useDestinations(message.id, isSeen);
  const next = (data?.data ?? []).flatMap(({ nextAttempt }) => nextAttempt ?? []).toSorted((a, b) => a.getTime() - b.getTime());
  return (
    <span ref={place}>
      {data ? (
        <State states={data.data.map((one) => one.statusText)} hasMore={!data.done} next={next[0] ?? null} message={message} />
      ) : isError ? (
        <span className="muted">{words.unknown}</span>
      ) : (
        <Skeleton width="120px" />
      )}
    </span>
  );
}

function State(props: { states: readonly StatusText[]; hasMore?: boolean; next: Date | null; message: MessageRow }) {
  const { states, hasMore = false, next, message } = props;
  const now = useNow();
  const sum = states.length;
  const open = states.filter((statusText) => !isFinal({ statusText })).length;
  const failed = states.filter((statusText) => isFinal({ statusText }) && statusText !== 'success').length;
  if (sum === 0) return <Status tone="off">{words.none}</Status>;
  if (failed > 0) return <Status tone="bad">{words.failed(failed, sum) + (open > 0 ? words.more(open) : '')}</Status>;
  if (open === 0) return <Status tone="good">{hasMore ? words.many(sum) : words.all(sum)}</Status>;
  const isScheduled = message.deliverAt !== undefined && message.deliverAt !== null && message.deliverAt.getTime() > now;
  return (
    <Status tone="waiting">
      {isScheduled ? words.scheduled : words.waiting(open, sum)}
      {next && next.getTime() > now && (
        <>
          {' '}
          <span className="muted">
            <Time at={next} />
          </span>
        </>
      )}
    </Status>
  );
}

/** Whether an element is or was in sight. */
function useSeen<Element_ extends Element>() {
  const place = useRef<Element_>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element || isSeen) return;
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true), {
      rootMargin: BEYOND,
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [isSeen]);
  return [place, isSeen] as const;
}
