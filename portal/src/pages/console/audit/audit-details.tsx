import { Link } from 'react-router';
import type { AuditEntry } from '../../../api/console/audit.js';
import { useRole } from '../../../api/console/role.js';
import { Id } from '../../../kit/copy.js';
import { Facts } from '../../../kit/page.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';

const { details: words, actors, outcomes } = texts.console.audit;

/** All that an entry says. Values of changed fields are never kept. */
export function AuditDetails({ entry }: { entry: AuditEntry }) {
  const { isOperator } = useRole();
  const {
    id,
    timestamp,
    operation,
    actor,
    tokenId,
    address,
    requestId,
    orgId,
    appId,
    objects,
    createdId,
    fields,
    outcome,
    status,
  } = entry;
  const text = (value: string | null) => (value === null ? words.none : <code>{value}</code>);
  return (
    <Facts
      items={[
        { name: words.time, value: <Time at={new Date(timestamp)} as="exact" /> },
        { name: words.operation, value: text(operation) },
        { name: words.outcome, value: [outcomes[outcome], status].filter((part) => part !== null).join(' · ') },
        { name: words.actor, value: actors[actor] },
        { name: words.token, value: text(tokenId) },
        { name: words.address, value: text(address) },
        { name: words.organization, value: text(orgId) },
        {
          name: words.application,
          value: appId !== null && !isOperator ? <Link to={`/applications/${appId}`}>{appId}</Link> : text(appId),
        },
        {
          name: words.objects,
          value: text(
            Object.entries(objects)
              .map((pair) => pair.join(' '))
              .join(', ') || null,
          ),
        },
        { name: words.created, value: text(createdId) },
        { name: words.fields, value: fields.join(', ') || words.none },
        { name: words.request, value: text(requestId) },
        { name: words.id, value: <Id id={id} thing={words.id} /> },
      ]}
    />
  );
}
