import { useState, type FormEvent } from 'react';
import { claimsOf } from '../api/claims.js';
import { adopt } from '../api/session.js';
import { Button } from '../kit/button.js';
import { FormFields, TextField } from '../kit/field.js';
import { Page } from '../kit/page.js';
import * as texts from '../texts/en.js';
import { Brand } from './brand.js';
import styles from './shell.module.css';

/** Asks for a token. The server decides with the first request whether it is valid: `refused` says that it was not. */
export function SignIn({ refused }: { refused: boolean }) {
  const words = texts.shell.signIn;
  const [text, setText] = useState('');
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<string | null>(refused ? words.refused : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = text.trim().replace(/^Bearer /i, '');
    if (token === '' || /\s/.test(token)) return setError(words.empty);
    if (claimsOf(token).kind === 'application') return setError(words.application);
    adopt(token);
  };
  return (
    <main className={styles['alone']}>
      <Brand fallback={texts.shell.console} />
      <Page title={words.title} lead={words.lead}>
        <form onSubmit={submit}>
          <FormFields>
            <TextField
              label={words.token}
              hint={words.hint}
              error={error}
              type={shown ? 'text' : 'password'}
              value={text}
              onChange={setText}
              autoComplete="off"
              spellCheck={false}
              mono
              end={<Button onClick={() => setShown(!shown)}>{shown ? words.hide : words.show}</Button>}
            />
            <Button type="submit" look="primary">
              {words.action}
            </Button>
          </FormFields>
        </form>
      </Page>
    </main>
  );
}
