import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Controller, Get, Header, Param, Redirect } from '@nestjs/common';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { ApiDocument } from '../http-support/api-document.js';
import { SCRIPT, STYLE } from './assets.js';
import { html, type Html } from './html.js';
import { guideOf } from './markdown.js';
import { referenceOf } from './reference.js';

/** The guides of the repository. The relative path is the same in src and in dist. */
const FOLDER = resolve(import.meta.dirname, '../../../docs');
const GUIDES = new Map([
  ['first-webhook', 'Your first webhook'],
  ['verify-webhooks', 'Verify webhooks'],
]);

const KEPT = 'public, max-age=300';
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/** The documentation as web pages. They load nothing from other servers. */
@Controller()
@Permission('public')
export class DocsController {
  private reference: string | undefined;
  private readonly guides = new Map<string, string>();

  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Redirect('/docs', 307)
  home(): void {}

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('cache-control', KEPT)
  async get(): Promise<string> {
    if (this.reference === undefined) {
      const { links, body } = referenceOf(await this.document.get());
      this.reference = pageOf('API reference', null, links, body);
    }
    return this.reference;
  }

  @Get('docs/style.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', KEPT)
  style(): string {
    return STYLE;
  }

  @Get('docs/reference.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', KEPT)
  script(): string {
    return SCRIPT;
  }

  @Get('docs/:guide')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('cache-control', KEPT)
  async guide(@Param('guide') name: string): Promise<string> {
    const known = this.guides.get(name);
    if (known !== undefined) return known;
    if (!GUIDES.has(name)) throw notFound('Guide not found');
    const { title, body } = guideOf(await readFile(join(FOLDER, `${name}.md`), 'utf8'));
    const page = pageOf(title, name, html``, body);
    this.guides.set(name, page);
    return page;
  }
}

function pageOf(title: string, guide: string | null, links: Html, body: Html): string {
  const current = (name: string | null) => guide === name && html` aria-current="page"`;
  const guides = [...GUIDES].map(([name, text]) => html`<a href="/docs/${name}" ${current(name)}>${text}</a>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Posthorn</title>
        <link rel="stylesheet" href="/docs/style.css" />
        <script type="module" src="/docs/reference.js"></script>
      </head>
      <body>
        <nav>
          <a class="name" href="/docs">Posthorn</a>
          <h2>Guides</h2>
          ${guides}
          <h2>API</h2>
          <a href="/docs" ${current(null)}>Reference</a>
          ${links}
        </nav>
        <main>${body}</main>
      </body>
    </html>`;
  return page.text;
}
