import type { ReactNode } from 'react';
import styles from './code-block.module.css';
import { Copy } from './copy.js';

/** Text as it is, with a button that copies it. `thing` names it ("payload", "curl command"). `children` replace the plain text. */
export function CodeBlock({
  text,
  thing,
  title,
  children,
}: {
  text: string;
  thing: string;
  title?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <figure className={styles['block']}>
      <figcaption className={styles['head']}>
        <span>{title ?? thing}</span>
        <Copy text={text} thing={thing} />
      </figcaption>
      <pre className={styles['code']} tabIndex={0} aria-label={thing}>
        <code>{children ?? text}</code>
      </pre>
    </figure>
  );
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Above this, colours cost more than they help. */
const MAX_COLOURED = 200_000;

/** JSON with colours. A text is shown as it is; anything else is written with two spaces. `source` is copied in the place of what is shown. */
export function JsonView(props: { value: unknown; thing: string; title?: ReactNode; source?: string }) {
  const { value, thing, title, source } = props;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <CodeBlock text={source ?? text} thing={thing} title={title}>
      {text.length > MAX_COLOURED ? text : coloured(text)}
    </CodeBlock>
  );
}

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [all, string, colon] = match;
    parts.push(text.slice(end, match.index));
    const kind = string === undefined ? 'value' : colon === undefined ? 'string' : 'key';
    parts.push(
      <span key={match.index} className={styles[kind]}>
        {all}
      </span>,
    );
    end = match.index + all.length;
  }
  return [...parts, text.slice(end)];
}
