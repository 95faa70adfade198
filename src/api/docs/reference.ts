import { html, type Html } from './html.js';
import { exampleOf, nameOf, schemaTable, typeOf, type Json } from './schema-view.js';

/** An operation with its method and path. */
interface Operation extends Json {
  method: string;
  path: string;
}

const WHO: Record<string, string> = {
  organization: "the organisation's token",
  application: "the organisation's token, or one of the application",
  'any-token': 'any token',
  operator: 'an operator',
  'organization-or-operator': "the organisation's token, or an operator",
  'every-token': "any token, also an operator's",
  public: 'everybody, without a token',
};

/** The API reference: one entry for each operation, grouped by tag, and the schemas at the end. */
export function referenceOf(document: Json): { links: Html; body: Html } {
  const schemas = document['components'].schemas as Json;
  const groups = groupsOf(document);
  const links = groups.map(
    ([tag, operations]) =>
      html`<section>
        <h2>${tag}</h2>
        ${operations.map(
          (operation) =>
            html`<a href="#${operation['operationId']}" data-words="${wordsOf(operation)}">${operation['summary']}</a>`,
        )}
      </section>`,
  );
  const body = html`<h1>${document['info'].title} API</h1>
    <p>${document['info'].description}</p>
    <p>For programs: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
    ${groups.map(
      ([tag, operations]) =>
        html`<section>
          <h2>${tag}</h2>
          ${operations.map((operation) => entryOf(operation, schemas))}
        </section>`,
    )}
    <section>
      <h2>Schemas</h2>
      ${Object.entries(schemas).map(
        ([name, schema]) =>
          html`<details id="schema-${name}">
            <summary>${name}</summary>
            ${schemaTable(schema as Json, schemas)}
          </details>`,
      )}
    </section>`;
  return { links: html`<input type="search" id="filter" placeholder="Filter" aria-label="Filter operations" />${links}`, body };
}

function groupsOf(document: Json): [tag: string, operations: Operation[]][] {
  const groups = new Map<string, Operation[]>();
  const entries = [
    ...Object.entries(document['paths'] as Json),
    ...Object.entries((document['webhooks'] ?? {}) as Json).map(([name, methods]) => [name, methods] as [string, Json]),
  ];
  for (const [path, methods] of entries) {
    for (const [method, operation] of Object.entries(methods as Json)) {
      if (method === 'head') continue;
      const tag: string = operation.tags[0];
      groups.set(tag, [...(groups.get(tag) ?? []), { ...operation, method: method.toUpperCase(), path }]);
    }
  }
  return [...groups];
}

function wordsOf({ summary, path, method }: Operation): string {
  return `${method} ${path} ${summary}`.toLowerCase();
}

function entryOf(operation: Operation, schemas: Json): Html {
  const { method, path, summary, description, operationId, parameters = [], requestBody, responses } = operation;
  const body: Json | undefined = requestBody?.content['application/json'].schema;
  return html`<details class="operation" id="${operationId}">
    <summary><b class="${method.toLowerCase()}">${method}</b> <code>${path}</code> <span>${summary}</span></summary>
    ${description && html`<p>${description}</p>`}
    ${operation['x-permission'] && html`<p><small>For ${WHO[operation['x-permission']]}.${capabilitiesOf(operation)}</small></p>`}
    ${parametersOf(parameters)}
    ${
      body &&
      html`<h3>Body${body['$ref'] && html`: ${typeOf(body)}`}</h3>
        ${schemaTable(body, schemas)}`
    }
    <h3>Answers</h3>
    <table>
      ${answersOf(responses)}
    </table>
    ${
      path.startsWith('/') &&
      html`<h3>Example</h3>
        <pre><code>${exampleCall(operation, body, schemas)}</code></pre>`
    }
  </details>`;
}

function capabilitiesOf(operation: Operation): string {
  const needed: string[] = operation['x-capabilities'] ?? [];
  const limits = needed.length > 0 ? ` An application's token needs ${needed.join(' or ')}, if it is limited.` : '';
  const scopes: string[] | undefined = operation['x-scopes'];
  return scopes ? `${limits} An API key needs the scope ${scopes.join(' or ')}.` : limits;
}

function parametersOf(parameters: Json[]): Html {
  if (parameters.length === 0) return html``;
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) =>
      html`<tr>
        <th scope="row"><code>${name}</code> <small>${place}</small>${required && html`<em>required</em>`}</th>
        <td>
          ${typeOf(schema)}${schema.default !== undefined && html` <small>default ${JSON.stringify(schema.default)}</small>`}<br />${description}
        </td>
      </tr>`,
  );
  return html`<h3>Parameters</h3>
    <table>
      ${rows}
    </table>`;
}

function answersOf(responses: Json): Html[] {
  return Object.entries(responses).map(([status, { description, content }]: [string, Json]) => {
    const schema: Json | undefined = content?.['application/json'].schema;
    return html`<tr>
      <th scope="row"><code>${status}</code></th>
      <td>${description}${schema?.['$ref'] && html`: <a href="#schema-${nameOf(schema)}">${nameOf(schema)}</a>`}</td>
    </tr>`;
  });
}

function exampleCall({ method, path }: Operation, body: Json | undefined, schemas: Json): string {
  const at = path.replace(/\{(\w+)\}/g, (_all, name: string) => `$${name.toUpperCase()}`);
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}"$SERVER${at}" \\`, '  -H "Authorization: Bearer $TOKEN"'];
  if (!body) return lines.join('\n');
  const example = JSON.stringify(exampleOf(body, schemas));
  return [...lines.slice(0, 1), `${lines[1]} \\`, `  -d '${example}'`].join('\n');
}
