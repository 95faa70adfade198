import type { ReactNode } from 'react';
import { useRole } from '../../../api/console/role.js';
import type { Found } from '../../../api/console/search.js';
import { ButtonLink } from '../../../kit/button.js';
import { Section } from '../../../kit/page.js';
import { Badge } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';

const words = texts.console.search;

/** What was found, by kind, each with the way to its page. */
export function Results({ found: { messages, endpoints, applications } }: { found: Found }) {
  return (
    <>
      <Group title={words.messages}>
        {messages.map(({ id, eventType, appId, appName, orgId, createdAt }) => (
          <Row key={id} to={`/applications/${appId}/messages/${id}`} action={words.story} orgId={orgId}>
            <code>{id}</code>
            <p>
              <strong>{eventType}</strong> {words.of} <bdi>{appName}</bdi> · {words.created} <Time at={new Date(createdAt)} />
            </p>
          </Row>
        ))}
      </Group>
      <Group title={words.endpoints}>
        {endpoints.map(({ id, host, description, disabled, appId, appName, orgId }) => (
          <Row key={id} to={`/applications/${appId}/endpoints/${id}`} action={words.open} orgId={orgId}>
            <code>{id}</code>
            <p>
              <strong>{host ?? description}</strong> {words.of} <bdi>{appName}</bdi> {disabled && <Badge>{words.disabled}</Badge>}
            </p>
          </Row>
        ))}
      </Group>
      <Group title={words.applications}>
        {applications.map(({ id, uid, name, orgId }) => (
          <Row key={id} to={`/applications/${id}`} action={words.open} orgId={orgId}>
            <strong>{name}</strong>
            <p className="muted">
              <code>{uid ?? id}</code>
            </p>
          </Row>
        ))}
      </Group>
    </>
  );
}

function Group({ title, children }: { title: string; children: ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <Section title={title}>
      <ul className={styles['found']}>{children}</ul>
    </Section>
  );
}

/** Pages about an application need a key of its organisation, which an operator's is not. */
function Row({ to, action, orgId, children }: { to: string; action: string; orgId: string; children: ReactNode }) {
  const { isOperator } = useRole();
  return (
    <li>
      <div>
        {children}
        {isOperator && <p className="muted">{words.foreign(orgId)}</p>}
      </div>
      {!isOperator && (
        <ButtonLink to={to} look="primary">
          {action}
        </ButtonLink>
      )}
    </li>
  );
}
