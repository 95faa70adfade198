import { useParams } from 'react-router';
import { useApplication } from '../../api/application.js';
import { faultOf } from '../../api/errors.js';
import { useMessage } from '../../api/messages.js';
import { ButtonLink } from '../../kit/button.js';
import { Page } from '../../kit/page.js';
import { Empty, ErrorBox, SkeletonLines } from '../../kit/states.js';
import * as texts from '../../texts/en.js';
import { MessageStory } from './story/message-story.js';
import styles from './messages.module.css';

const words = texts.messages;

/** A message, by id or event id: its story. */
export default function MessagePage() {
  const { id = '' } = useParams();
  const { at } = useApplication();
  const { data: message, error, refetch } = useMessage(id);
  const fault = error === null ? null : faultOf(error);
  const back = { to: at('/messages'), label: words.title };
  if (!message && fault?.status === 404) return <Absent id={id} />;
  return (
    <Page
      title={message ? `${message.eventType} · ${words.one}` : words.one}
      heading={message ? <span className={styles['type']}>{message.eventType}</span> : words.one}
      back={back}
    >
      {fault && <ErrorBox fault={fault} onRetry={() => void refetch()} />}
      {message ? <MessageStory message={message} /> : !fault && <SkeletonLines lines={8} />}
    </Page>
  );
}

function Absent({ id }: { id: string }) {
  const { at } = useApplication();
  const { title, text, action } = words.notFound;
  return (
    <Page title={words.one} back={{ to: at('/messages'), label: words.title }}>
      <Empty icon="search" title={title} action={<ButtonLink to={at('/messages')}>{action}</ButtonLink>}>
        <p className={styles['id']}>
          <code>{id}</code>
        </p>
        <p>{text}</p>
      </Empty>
    </Page>
  );
}
