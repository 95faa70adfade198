import { html, Html } from './html.js';

/** A guide as HTML. */
export interface Guide {
  title: string;
  body: Html;
}

/**
 * Turns the Markdown of a guide into HTML: headings, paragraphs, lists, tables, fenced code, and within text `code`, **strong** and
 * links. It supports only the Markdown that this project's guides use.
 */
export function guideOf(markdown: string): Guide {
  const blocks = blocksOf(markdown);
  const title = /^# (.*)$/.exec(blocks[0] ?? '')?.[1] ?? '';
  return { title, body: html`${blocks.map(blockOf)}` };
}

/** Blocks end at blank lines, except inside fenced code. */
function blocksOf(markdown: string): string[] {
  const fenced = markdown.split(/^(```\w*\n[\s\S]*?\n```)$/m);
  return fenced
    .flatMap((part) => (part.startsWith('```') ? [part] : part.split(/\n{2,}/)))
    .map((block) => block.trim())
    .filter(Boolean);
}

function blockOf(block: string): Html {
  const fence = /^```(\w*)\n([\s\S]*)\n```$/.exec(block);
  if (fence) return html`<pre data-language="${fence[1]}"><code>${fence[2]}</code></pre>`;
  const heading = /^(#{1,4}) (.*)$/.exec(block);
  if (heading) return headingOf(heading[1]!.length, heading[2]!);
  if (block.startsWith('|')) return tableOf(block.split('\n'));
  if (/^[-*] /.test(block))
    return html`<ul>
      ${itemsOf(block, /^[-*] /m)}
    </ul>`;
  if (/^\d+\. /.test(block))
    return html`<ol>
      ${itemsOf(block, /^\d+\. /m)}
    </ol>`;
  return html`<p>${inline(block)}</p>`;
}

function headingOf(level: number, text: string): Html {
  const id = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const [open, close] = [new Html(`<h${level} id="${id}">`), new Html(`</h${level}>`)];
  return html`${open}${inline(text)}${close}`;
}

function itemsOf(block: string, mark: RegExp): Html[] {
  return block
    .split(mark)
    .slice(1)
    .map((item) => html`<li>${inline(item.trim())}</li>`);
}

function tableOf(lines: string[]): Html {
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim()),
  );
  const cells = (row: string[]) => row.map((cell) => html`<td>${inline(cell)}</td>`);
  return html`<table>
    <thead>
      <tr>
        ${cells(head)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${cells(row)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Text with code, strong words and links. Links to other guides lose the file extension. */
export function inline(text: string): Html {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/);
  return html`${parts.map((part) => {
    const link = /^\[(.+)\]\((.+)\)$/.exec(part);
    if (link) return html`<a href="${link[2]!.replace(/^([\w-]+)\.md(?=#|$)/, '$1')}">${link[1]}</a>`;
    if (/^`.+`$/.test(part)) return html`<code>${part.slice(1, -1)}</code>`;
    if (/^\*\*.+\*\*$/.test(part)) return html`<strong>${part.slice(2, -2)}</strong>`;
    return part;
  })}`;
}
