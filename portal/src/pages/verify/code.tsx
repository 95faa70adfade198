import type { ReactNode } from 'react';
import { CodeBlock } from '../../kit/code-block.js';
import styles from './verify.module.css';

const TOKEN =
  /(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?<![.\w])(?<keyword>import|from|const|let|var|val|new|try|catch|except|rescue|return|if|else|async|await|def|func|fn|fun|pub|use|using|require|package|class|private|match|let|end|do|foreach|throw|go|export|function|exit|type)\b(?!:)/g;

/** Code with its words and texts set apart. */
export function Code({ text, thing, title }: { text: string; thing: string; title: string }) {
  return (
    <CodeBlock text={text} thing={thing} title={title}>
      {coloured(text)}
    </CodeBlock>
  );
}

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index));
    const kind = match.groups?.['string'] === undefined ? 'keyword' : 'string';
    parts.push(
      <span key={match.index} className={styles[kind]}>
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}
