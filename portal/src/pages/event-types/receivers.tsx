import { Link } from 'react-router';
import { useApplication } from '../../api/application.js';
import type { Endpoint } from '../../api/endpoints.js';
import type { List } from '../../api/list.js';
import { Button, ButtonLink } from '../../kit/button.js';
import { Menu } from '../../kit/menu.js';
import { Section } from '../../kit/page.js';
import { ErrorBox } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import styles from './event-types.module.css';
import { getsIt } from './event-types.js';

const words = texts.eventTypes.one;
/** A menu is no list of hundreds. */
const IN_MENU = 20;

/** The endpoints that get an event type, and the way to send one of it to an endpoint. */
export function Receivers({ name, endpoints }: { name: string; endpoints: List<Endpoint> }) {
  const { at } = useApplication();
  const { rows, fault, retry, hasMore, more } = endpoints;
  const receivers = rows.filter((endpoint) => getsIt(endpoint, name));
  return (
    <Section title={words.endpoints} actions={<SendIt name={name} endpoints={rows} />}>
      {fault && <ErrorBox fault={fault} onRetry={retry} />}
      {!fault && receivers.length === 0 && (
        <p className="muted">
          {words.noEndpoint} <Link to={at('/endpoints')}>{words.toEndpoints}</Link>
        </p>
      )}
      {receivers.length > 0 && (
        <ul className={styles['rows']}>
          {receivers.map((endpoint) => (
            <Receiver key={endpoint.id} {...endpoint} />
          ))}
        </ul>
      )}
      {hasMore && (
        <div>
          <Button onClick={more}>{texts.kit.more}</Button>
        </div>
      )}
    </Section>
  );
}

function Receiver({ id, url, disabled, eventTypes, channels }: Endpoint) {
  const { at } = useApplication();
  const why = eventTypes ? words.byList : words.byAll;
  return (
    <li>
      <Link to={at(`/endpoints/${id}`)} className="mono">
        {url.replace(/^https:\/\//, '')}
      </Link>
      {disabled ? <Status tone="off">{words.disabled}</Status> : <Status tone="good">{words.enabled}</Status>}
      <span className={`muted ${styles['description']}`}>
        {channels ? `${why}, ${words.channels(channels.join(', '))}` : why}
      </span>
    </li>
  );
}

/** Leads to the Testing tab of an endpoint, with this event type chosen there. */
function SendIt({ name, endpoints }: { name: string; endpoints: readonly Endpoint[] }) {
  const { at } = useApplication();
  const path = ({ id }: Endpoint) => at(`/endpoints/${id}?tab=testing&type=${encodeURIComponent(name)}`);
  const possible = endpoints.filter(({ disabled }) => !disabled);
  if (possible.length === 0) return <Button cannot={words.noEndpointYet}>{words.send}</Button>;
  if (possible.length === 1)
    return (
      <ButtonLink to={path(possible[0]!)} icon="right">
        {words.send}
      </ButtonLink>
    );
  return (
    <Menu
      trigger={<Button icon="down">{words.send}</Button>}
      items={possible
        .slice(0, IN_MENU)
        .map((endpoint) => ({ label: endpoint.url.replace(/^https:\/\//, ''), to: path(endpoint) }))}
    />
  );
}
