import { useState } from 'react';
import { formatted } from '../../../api/json-source.js';
import type { Content, Message } from '../../../api/messages.js';
import { Button } from '../../../kit/button.js';
import { CodeBlock, JsonView } from '../../../kit/code-block.js';
import { Copy, Id } from '../../../kit/copy.js';
import { Notice } from '../../../kit/page.js';
import { useAddress } from '../../../kit/address.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import styles from './story.module.css';

const { story: words } = texts.messages;

/** The first line of the story: when the message came, what it is, and its payload. */
export function Accepted({ message }: { message: Message }) {
  const { id, eventId, timestamp, channels, tags, deliverAt, content } = message;
  const [shown, setShown] = useAddress('payload');
  const isOpen = shown !== '';
  return (
    <li className={`${styles['item']} ${styles['start']}`}>
      <div className={styles['line']}>
        <strong>{words.accepted}</strong>
        <Time at={timestamp} as="exact" />
        {content.kind !== 'expired' && <span className="muted">{words.size(sizeOf(content))}</span>}
        {content.kind !== 'expired' && (
          <span className={styles['buttons']}>
            <Copy text={content.source} thing={words.payload.name} />
            <Button
              small
              look="quiet"
              icon={isOpen ? 'down' : 'right'}
              aria-expanded={isOpen}
              onClick={() => setShown(isOpen ? null : '1')}
            >
              {words.payload.show}
            </Button>
          </span>
        )}
      </div>
      <div className={styles['facts']}>
        <Id id={id} thing={words.facts.id} />
        {eventId && <Id id={eventId} thing={words.facts.eventId} />}
        {channels && channels.length > 0 && <span className="muted">{words.channels(channels.join(', '))}</span>}
        {tags && tags.length > 0 && <span className="muted">{words.tags(tags.join(', '))}</span>}
      </div>
      {deliverAt && (
        <div className={styles['line']}>
          <strong>{words.scheduledFor}</strong>
          <Time at={deliverAt} as="exact" />
          <span className="muted">
            <Time at={deliverAt} />
          </span>
        </div>
      )}
      {(isOpen || content.kind === 'expired') && <Payload content={content} />}
    </li>
  );
}

function Payload({ content }: { content: Content }) {
  const { payload } = words;
  const [asSent, setAsSent] = useState(false);
  if (content.kind === 'expired')
    return (
      <Notice title={payload.expired}>
        <p>{payload.expiredText}</p>
      </Notice>
    );
  if (content.kind === 'raw')
    return (
      <CodeBlock
        text={content.source}
        thing={payload.name}
        title={
          [content.contentType && payload.type(content.contentType), content.base64 && payload.binary]
            .filter(Boolean)
            .join(' · ') || payload.name
        }
      />
    );
  const text = asSent ? content.source : formatted(content.source);
  return (
    <JsonView
      value={text}
      thing={payload.name}
      title={
        formatted(content.source) === content.source ? (
          payload.name
        ) : (
          <Button small look="quiet" aria-pressed={asSent} onClick={() => setAsSent(!asSent)}>
            {asSent ? payload.formatted : payload.asSent}
          </Button>
        )
      }
    />
  );
}

/** In bytes, as it is sent. */
function sizeOf(content: Exclude<Content, { kind: 'expired' }>): number {
  if (content.kind === 'raw' && content.base64) return Math.floor((content.source.replace(/=+$/, '').length * 3) / 4);
  return new TextEncoder().encode(content.source).length;
}
