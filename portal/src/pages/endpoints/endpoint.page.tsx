import { useParams } from 'react-router';
import { useApplication } from '../../api/application.js';
import { useEndpoint, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { ButtonLink } from '../../kit/button.js';
import { Id } from '../../kit/copy.js';
import { Page } from '../../kit/page.js';
import { Empty, ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Tabs, type TabItem } from '../../kit/tabs.js';
import * as texts from '../../texts/en.js';
import { AttemptsTab } from './attempts-tab.js';
import { EndpointActions } from './endpoint-actions.js';
import { OverviewTab } from './overview-tab.js';
import { SettingsTab } from './settings-tab.js';
import { TestingTab } from './testing-tab.js';

const words = texts.endpoints.page;

/** One endpoint: how it is, what was sent to it, a test, its settings. */
export default function EndpointPage() {
  const { id = '' } = useParams();
  const { at } = useApplication();
  const { data, error, refetch } = useEndpoint(id);
  const back = { to: at('/endpoints'), label: words.back };
  const fault = error ? faultOf(error) : null;
  if (data)
    return (
      <Page
        key={data.id}
        title={data.url}
        lead={data.description === '' ? undefined : data.description}
        back={back}
        actions={
          <>
            <Id id={data.id} thing={words.id} />
            <EndpointActions endpoint={data} />
          </>
        }
      >
        {fault && <ErrorBox fault={fault} onRetry={() => void refetch()} />}
        <Parts endpoint={data} />
      </Page>
    );
  return (
    <Page title={words.title} back={back}>
      {fault?.status === 404 ? (
        <Empty
          icon="endpoints"
          title={words.notFound.title}
          action={<ButtonLink to={at('/endpoints')}>{words.notFound.action}</ButtonLink>}
        >
          {words.notFound.text}
        </Empty>
      ) : fault ? (
        <ErrorBox fault={fault} onRetry={() => void refetch()} />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </Page>
  );
}

function Parts({ endpoint }: { endpoint: Endpoint }) {
  return <Tabs label={words.tabsLabel} items={itemsOf(endpoint)} />;
}

function itemsOf(endpoint: Endpoint): TabItem[] {
  const { tabs } = words;
  return [
    { id: 'overview', label: tabs.overview, content: () => <OverviewTab endpoint={endpoint} /> },
    { id: 'attempts', label: tabs.attempts, content: () => <AttemptsTab endpoint={endpoint} /> },
    { id: 'testing', label: tabs.testing, content: () => <TestingTab endpoint={endpoint} /> },
    { id: 'settings', label: tabs.settings, content: () => <SettingsTab endpoint={endpoint} /> },
  ];
}
