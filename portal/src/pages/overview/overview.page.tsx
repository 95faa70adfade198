import { useApplication, useCannot } from '../../api/application.js';
import { useEndpoints } from '../../api/endpoints.js';
import { useTroubles } from '../../api/troubles.js';
import { ButtonLink } from '../../kit/button.js';
import { useFirst } from '../../kit/first.js';
import { Page } from '../../kit/page.js';
import { Empty, ErrorBox } from '../../kit/states.js';
import * as texts from '../../texts/en.js';
import { Charts, useCharted } from './charts.js';
import { Failures } from './failures.js';
import { Look } from './look.js';
import styles from './overview.module.css';
import { Today } from './today.js';

const words = texts.overview;
/** Each of them costs a request now and then. */
const LOOKED_AT = 50;

/** Whether webhooks arrive: first in words, then in numbers, and what to look at. */
export default function OverviewPage() {
  const list = useEndpoints();
  const looked = list.rows.slice(0, LOOKED_AT);
  const troubles = useTroubles(looked);
  const isLoading = useFirst(list.loading || troubles.loading);
  const charted = useCharted();
  const isLimited = list.hasMore || list.rows.length > LOOKED_AT;
  if (!list.loading && !list.fault && list.rows.length === 0) return <NoEndpoint />;
  // Without the endpoints nothing is known of failures: better one error than sentences that may be wrong.
  if (list.fault && list.rows.length === 0)
    return (
      <Page title={words.title} lead={words.lead}>
        <ErrorBox fault={list.fault} onRetry={list.retry} />
      </Page>
    );
  return (
    <Page title={words.title} lead={words.lead}>
      {list.fault && <ErrorBox fault={list.fault} onRetry={list.retry} />}
      <Today troubles={troubles} loading={list.loading} limitedTo={isLimited ? looked.length : null} />
      <div className={styles['columns']}>
        <Look troubles={troubles} loading={isLoading} limitedTo={isLimited ? looked.length : null} />
        <Failures troubles={troubles} loading={isLoading} limitedTo={isLimited ? looked.length : null} />
      </div>
      {/* How long the lists are is not known before: they would push the charts down. */}
      {!isLoading && <Charts {...charted} />}
    </Page>
  );
}

function NoEndpoint() {
  const { at } = useApplication();
  const cannot = useCannot('ManageEndpoint');
  const { empty } = words;
  return (
    <Page title={words.title} lead={words.lead}>
      <Empty
        icon="endpoints"
        title={empty.title}
        action={
          <div className={styles['steps']}>
            <ButtonLink to={at('/endpoints?new=1')} look="primary" icon="plus" cannot={cannot}>
              {empty.action}
            </ButtonLink>
            <ButtonLink to={at('/verify')} icon="verify">
              {empty.verify}
            </ButtonLink>
          </div>
        }
      >
        {empty.text}
      </Empty>
    </Page>
  );
}
