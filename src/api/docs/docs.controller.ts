import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Controller, Get, Header, Param, Redirect } from '@nestjs/common';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { ApiDocument } from '../http-support/api-document.js';
import { BuiltPages } from '../http-support/built-pages.js';
import { pagePolicy } from '../http-support/page-policy.js';
import { html, type Html } from './html.js';
import { guideOf, inline } from './markdown.js';

/** The guides of the repository. The relative path is the same in src and in dist. */
const FOLDER = resolve(import.meta.dirname, '../../../docs');
const GUIDES = new Map([
  ['first-webhook', 'Your first webhook'],
  ['verify-webhooks', 'Verify webhooks'],
]);

const KEPT = 'public, max-age=300';
const POLICY = pagePolicy("'none'");

/**
 * The documentation as web pages, in the frame that the build makes of portal/docs.html. The guides are HTML that can be read without
 * JavaScript; the reference is drawn in the browser, from the OpenAPI document of this server.
 */
@Controller()
@Permission('public')
export class DocsController {
  private readonly pages = new BuiltPages();
  private readonly made = new Map<string, string>();

  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Redirect('/docs', 307)
  home(): void {}

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('cache-control', KEPT)
  async reference(): Promise<string> {
    return this.made.get('') ?? this.keep('', await this.page('API reference', null, referenceOf(await this.document.get())));
  }

  @Get('docs/:guide')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('cache-control', KEPT)
  async guide(@Param('guide') name: string): Promise<string> {
    const known = this.made.get(name);
    if (known !== undefined) return known;
    if (!GUIDES.has(name)) throw notFound('Guide not found');
    const { title, body } = guideOf(await readFile(join(FOLDER, `${name}.md`), 'utf8'));
    return this.keep(name, await this.page(title, name, { links: html``, body }));
  }

  private keep(name: string, page: string): string {
    this.made.set(name, page);
    return page;
  }

  private async page(title: string, guide: string | null, { links, body }: { links: Html; body: Html }): Promise<string> {
    const parts: Record<string, Html> = { title: html`${title}`, navigation: navigationOf(guide, links), content: body };
    const frame = (await this.pages.document('docs')).toString();
    return frame.replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name]?.text ?? '');
  }
}

function navigationOf(guide: string | null, links: Html): Html {
  const current = (name: string | null) => guide === name && html` aria-current="page"`;
  const guides = [...GUIDES].map(([name, text]) => html`<li><a href="/docs/${name}" ${current(name)}>${text}</a></li>`);
  return html`<h2>Guides</h2>
    <ul>
      ${guides}
    </ul>
    <h2>API</h2>
    <ul>
      <li><a href="/docs" ${current(null)}>Reference</a></li>
      ${links}
    </ul>`;
}

/** What stands around the reference. A link to a tag opens it there. */
function referenceOf(document: Record<string, any>): { links: Html; body: Html } {
  const { info, tags } = document as { info: { title: string; description: string }; tags: { name: string }[] };
  const links = tags.map(({ name }) => html`<li><a href="#/${encodeURIComponent(name)}" class="part">${name}</a></li>`);
  const body = html`<h1>${info.title} API</h1>
    <p>${inline(info.description)}</p>
    <p>For programs: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
    <h2 class="unseen">Operations</h2>
    <div id="reference" data-document="/api/v1/openapi.json"><p>The list of operations is on its way.</p></div>
    <noscript>
      <p>The list of operations needs JavaScript. Everything in it is also in openapi.json.</p>
    </noscript>`;
  return { links: html`${links}`, body };
}
