import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useApplication } from '../../api/application.js';
import { Button } from '../../kit/button.js';
import { TextField } from '../../kit/field.js';
import * as texts from '../../texts/en.js';
import styles from './messages.module.css';

const { find: words } = texts.messages;

/** Goes to a message by its id or event id. */
export function FindMessage() {
  const navigate = useNavigate();
  const { at } = useApplication();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const find = (event: FormEvent) => {
    event.preventDefault();
    const id = text.trim();
    const wrong = problemOf(id);
    setProblem(wrong);
    if (wrong === null) void navigate(at(`/messages/${encodeURIComponent(id)}`));
  };
  return (
    <form role="search" onSubmit={find} className={styles['find']}>
      <TextField
        label={words.label}
        placeholder={words.placeholder}
        value={text}
        onChange={(next) => {
          setText(next);
          setProblem(null);
        }}
        error={problem}
        mono
        autoComplete="off"
        spellCheck={false}
        end={
          <Button type="submit" icon="search">
            {words.action}
          </Button>
        }
      />
    </form>
  );
}

function problemOf(id: string): string | null {
  if (id === '') return words.empty;
  // In a path they are steps.
  if (id === '.' || id === '..') return words.dots;
  if (id.startsWith('atmpt_')) return words.attempt;
  return id.startsWith('ep_') ? words.endpoint : null;
}
