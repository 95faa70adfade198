import { Section } from '../../kit/page.js';
import * as texts from '../../texts/en.js';
import styles from './verify.module.css';

const words = texts.verify.headers;

/** The headers by which a webhook is checked. */
export function Headers({ url, prefix }: { url: string | undefined; prefix: string }) {
  return (
    <Section title={words.title}>
      {url !== undefined && (
        <p>
          {words.url} <code>{url}</code>
        </p>
      )}
      <dl className={styles['headers']}>
        {(['id', 'timestamp', 'signature'] as const).map((name) => (
          <div key={name}>
            <dt>
              <code>{`${prefix}-${name}`}</code>
            </dt>
            <dd>{words[name]}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
