import { useEffect, useState } from 'react';
import * as texts from '../texts/en.js';
import { Button, IconButton } from './button.js';
import styles from './copy.module.css';

const SHOWN_MS = 2_000;

/** Copies a text, and says so. With `label` it is a button with words, else a small picture. `thing` names what is copied. */
export function Copy({ text, thing, label }: { text: string; thing: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void write(text).then(setCopied);
  const icon = copied ? 'check' : 'copy';
  return (
    <>
      {label === undefined ? (
        <IconButton small icon={icon} label={copied ? texts.kit.copied : texts.kit.copyThing(thing)} onClick={copy} />
      ) : (
        <Button small icon={icon} onClick={copy}>
          {copied ? texts.kit.copied : label}
        </Button>
      )}
      <span className="unseen" role="status">
        {copied && texts.kit.copied}
      </span>
    </>
  );
}

/** An id, shortened in the middle where there is no room, with a button that copies it. */
export function Id({ id, thing }: { id: string; thing: string }) {
  return (
    <span className={styles['id']}>
      <code title={id}>{id}</code>
      <Copy text={id} thing={thing} />
    </span>
  );
}

/** False if the browser does not let it. A frame of another site needs `allow="clipboard-write"`; the old way works there too. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
