import { useState } from 'react';
import { useApplication } from '../../api/application.js';
import { useMessages, type MessageRow } from '../../api/messages.js';
import { keepFocus } from '../../kit/after.js';
import { Button } from '../../kit/button.js';
import { DataTable, type Column } from '../../kit/data-table.js';
import { Page } from '../../kit/page.js';
import { Empty } from '../../kit/states.js';
import { Time, useNow } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import { exact } from '../../texts/format.js';
import { hourOrDay } from '../../texts/en/messages.js';
import { FindMessage } from './find-message.js';
import { MessageFilters } from './message-filters.js';
import { MessageState } from './message-state.js';
import styles from './messages.module.css';
import { useAsked, useFilter } from './use-filter.js';

const words = texts.messages;

const COLUMNS: readonly Column<MessageRow>[] = [
  { id: 'type', title: words.columns.type, cell: ({ eventType }) => <span title={eventType}>{eventType}</span> },
  { id: 'state', title: words.columns.state, width: 'var(--state-width)', cell: (message) => <MessageState message={message} /> },
  {
    id: 'id',
    title: words.columns.id,
    width: '22%',
    from: 'desktop',
    cell: ({ id }) => (
      <code className={styles['cellId']} title={id}>
        {id}
      </code>
    ),
  },
  {
    id: 'eventId',
    title: words.columns.eventId,
    width: '14%',
    from: 'desktop',
    cell: ({ eventId }) => (eventId ? <code title={eventId}>{eventId}</code> : <span className="muted">–</span>),
  },
  {
    id: 'time',
    title: words.columns.time,
    width: 'var(--time-width)',
    align: 'end',
    cell: ({ timestamp }) => <Accepted at={timestamp} />,
  },
];

/** The messages of the application, with what became of each. */
export default function MessagesPage() {
  const { filter, set, clear } = useFilter();
  const [cleared, setCleared] = useState(0);
  const clearAll = () => {
    setCleared(cleared + 1);
    clear();
    keepFocus();
  };
  const { ids, areFew } = useAsked();
  const { status, ...others } = filter;
  const hasState = status !== undefined && (areFew || filter.endpointId !== undefined);
  const list = useMessages(hasState ? filter : others, ids);
  const { at } = useApplication();
  return (
    <Page title={words.title} lead={words.lead}>
      <FindMessage />
      <MessageFilters cleared={cleared} onClear={clearAll} />
      <div className={styles['list']}>
        <DataTable
          label={words.title}
          columns={COLUMNS}
          list={list}
          rowKey={({ id }) => id}
          rowLink={({ id }) => at(`/messages/${id}`)}
          empty={
            list.hasMore ? (
              <Empty
                title={words.empty.searched}
                action={
                  <Button busy={list.loadingMore} onClick={list.more}>
                    {words.empty.searchOn}
                  </Button>
                }
              >
                {words.empty.searchedText}
              </Empty>
            ) : set > 0 ? (
              <Empty
                icon="search"
                title={words.empty.filtered}
                action={<Button onClick={clearAll}>{words.filters.clear}</Button>}
              >
                {words.empty.filteredText}
              </Empty>
            ) : (
              <Empty title={words.empty.title}>{words.empty.text}</Empty>
            )
          }
        />
      </div>
    </Page>
  );
}

/** A phone has room for the hour or the day alone. */
function Accepted({ at }: { at: Date }) {
  const now = new Date(useNow());
  return (
    <>
      <span className={styles['wideOnly']}>
        <Time at={at} />
      </span>
      <time className={styles['phoneOnly']} dateTime={at.toISOString()} title={exact(at)}>
        {hourOrDay(at, now)}
      </time>
    </>
  );
}
