import { useState, type FormEvent } from 'react';
import { useSearch } from '../../../api/console/search.js';
import { faultOf } from '../../../api/errors.js';
import { useAddress } from '../../../kit/address.js';
import { Button } from '../../../kit/button.js';
import { TextField } from '../../../kit/field.js';
import { Notice, Page } from '../../../kit/page.js';
import { Empty, ErrorBox, SkeletonLines } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';
import { Results } from './results.js';

const words = texts.console.search;
const MAX = 256;

/** From what somebody has in their hands to the page about it. */
export default function SearchPage() {
  const [q, setQ] = useAddress('q');
  return (
    <Page title={words.title} lead={words.lead}>
      {/* Back and forward change what was searched: then it is another form. */}
      <SearchForm key={q} given={q} onSearch={(typed) => setQ(typed, true)} />
      <p className="muted">{words.hint}</p>
      {q === '' ? (
        <Empty icon="search" title={words.start.title}>
          {words.start.text}
        </Empty>
      ) : (
        <Answer q={q} />
      )}
    </Page>
  );
}

function SearchForm({ given, onSearch }: { given: string; onSearch: (typed: string) => void }) {
  const [typed, setTyped] = useState(given);
  const problem = typed.trim().length > MAX ? texts.kit.rules.tooLong(MAX) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problem === null) onSearch(typed.trim());
  };
  return (
    <form role="search" onSubmit={submit} className={styles['search']}>
      <div className={styles['grow']}>
        <TextField
          label={words.field}
          type="search"
          value={typed}
          onChange={setTyped}
          error={problem}
          autoComplete="off"
          spellCheck={false}
          mono
        />
      </div>
      <Button type="submit" look="primary" icon="search">
        {words.action}
      </Button>
    </form>
  );
}

function Answer({ q }: { q: string }) {
  const { data, error, refetch, isPending } = useSearch(q);
  const found = data ? data.applications.length + data.endpoints.length + data.messages.length : 0;
  return (
    <>
      <p className="unseen" role="status">
        {data && words.result(found)}
      </p>
      {isPending && <SkeletonLines />}
      {error && <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />}
      {data && !data.complete && (
        <Notice title={words.incomplete.title}>
          <p>{words.incomplete.text}</p>
        </Notice>
      )}
      {data && found > 0 && <Results found={data} />}
      {data?.complete && found === 0 && (
        <Empty icon="search" title={words.nothing.title}>
          {q.startsWith('msg_') ? words.nothing.message : words.nothing.other}
          {isEventId(q) && ` ${words.nothing.event}`}
        </Empty>
      )}
    </>
  );
}

/** Whether the sender may have given a message this id. Ids of Posthorn's own begin with what they are of. */
const isEventId = (text: string) => !/\s|^(msg|ep|app|atmpt)_/.test(text);
