import { useCannot } from '../../api/application.js';
import { useEndpointHeaders } from '../../api/endpoint-headers.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { Section } from '../../kit/page.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import * as texts from '../../texts/en.js';
import { DangerButtons } from './endpoint-actions.js';
import styles from './endpoint.module.css';
import { SettingsForm } from './settings-form.js';
import { SigningSecret } from './signing-secret.js';

const words = texts.endpoints.page.settings;

/** All that can be changed of an endpoint. */
export function SettingsTab({ endpoint }: { endpoint: Endpoint }) {
  const { data, error, refetch } = useEndpointHeaders(endpoint.id);
  const cannot = useCannot('ManageEndpoint');
  const isKnown = data !== undefined || error !== null;
  return (
    <div className={styles['stack']}>
      <Section title={words.title}>
        {cannot !== null && <p className="muted">{cannot}</p>}
        {error && <ErrorBox fault={{ ...faultOf(error), title: words.headersFailed }} onRetry={() => void refetch()} />}
        {isKnown ? (
          <SettingsForm key={endpoint.id} endpoint={endpoint} headers={data} cannot={cannot} />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </Section>
      {/* The form is as high as it has headers: what is below would move. */}
      {isKnown && (
        <>
          <SigningSecret endpoint={endpoint} />
          <Section title={endpoint.disabled ? words.dangerDisabled : words.danger}>
            <div className={styles['row']}>
              <DangerButtons endpoint={endpoint} />
            </div>
          </Section>
        </>
      )}
    </div>
  );
}
