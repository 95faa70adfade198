import { useApplication, useCannot } from '../../api/application.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useEndpointChoices } from '../../api/message-story.js';
import { useSettings } from '../../api/settings.js';
import { useAddress } from '../../kit/address.js';
import { ButtonLink } from '../../kit/button.js';
import { CodeBlock } from '../../kit/code-block.js';
import { Notice, Page, Section } from '../../kit/page.js';
import { Select } from '../../kit/select.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import * as texts from '../../texts/en.js';
import { byHand } from './by-hand.js';
import { Code } from './code.js';
import { Headers } from './headers.js';
import { fillingOf, type Filling } from './filling.js';
import { SAMPLES } from './samples.js';
import { Secret } from './secret.js';
import styles from './verify.module.css';

const words = texts.verify;
const LANGUAGES = SAMPLES.map(({ id, language }) => ({ value: id, label: language }));

/** How to check a signature, with the values of an endpoint filled in. */
export default function VerifyPage() {
  const { data: rows = [], isPending: loading, error, refetch } = useEndpointChoices();
  const { signatureHeaders } = useSettings();
  const [id, setId] = useAddress('endpoint');
  const [language, setLanguage] = useAddress('language', LANGUAGES[0]!.value);
  const endpoint = rows.find((one) => one.id === id) ?? rows[0];
  const filling = fillingOf(endpoint?.url, signatureHeaders === 'svix' ? 'svix' : 'webhook');
  return (
    <Page title={words.title} lead={words.lead}>
      {error && <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />}
      {loading ? (
        // Without the endpoint the steps have other heights.
        <SkeletonLines lines={8} />
      ) : (
        <>
          {endpoint ? <Chosen endpoints={rows} endpoint={endpoint} onChange={setId} /> : !error && <NoEndpoint />}
          <Notice title={words.raw.title}>
            <p>{words.raw.text}</p>
          </Notice>
          <Section title={words.steps.secret}>
            <Secret key={endpoint?.id ?? ''} endpoint={endpoint} />
          </Section>
          <Steps {...{ language, setLanguage, filling }} />
          <Headers url={endpoint?.url} prefix={filling.prefix} />
        </>
      )}
    </Page>
  );
}

function Chosen({
  endpoints,
  endpoint,
  onChange,
}: {
  endpoints: readonly Endpoint[];
  endpoint: Endpoint;
  onChange: (id: string) => void;
}) {
  const options = endpoints.map(({ id, url, description }) => ({
    value: id,
    label: [url.replace(/^https:\/\//, ''), description].filter(Boolean).join(' · '),
  }));
  return (
    <div className={styles['chosen']}>
      <Select label={words.endpoint} options={options} value={endpoint.id} onChange={onChange} />
    </div>
  );
}

function Steps({
  language,
  setLanguage,
  filling,
}: {
  language: string;
  setLanguage: (language: string) => void;
  filling: Filling;
}) {
  const sample = SAMPLES.find(({ id }) => id === language) ?? SAMPLES[0]!;
  return (
    <>
      <Section
        title={words.steps.library}
        actions={<Select label={words.language} labelUnseen options={LANGUAGES} value={sample.id} onChange={setLanguage} />}
      >
        <CodeBlock text={sample.install} thing={words.install} title={words.library(sample.language)} />
      </Section>
      <Section title={words.steps.code}>
        <Code text={sample.code(filling)} thing={words.code(sample.language)} title={sample.language} />
        <p className="muted">{words.kept}</p>
        <details>
          <summary className={styles['summary']}>{words.byHand.title}</summary>
          <div className={styles['inside']}>
            <p>{words.byHand.text}</p>
            <Code text={byHand(filling)} thing={words.code(words.byHand.language)} title={words.byHand.language} />
          </div>
        </details>
      </Section>
    </>
  );
}

function NoEndpoint() {
  const { at } = useApplication();
  const cannot = useCannot('ManageEndpoint');
  return (
    <Notice
      title={words.noEndpoint.title}
      actions={
        <ButtonLink to={at('/endpoints?new=1')} icon="plus" small cannot={cannot}>
          {words.noEndpoint.action}
        </ButtonLink>
      }
    >
      <p>{words.noEndpoint.text}</p>
    </Notice>
  );
}
