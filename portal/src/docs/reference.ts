import type { ComponentType } from 'react';
import SwaggerUIBundle, { type System, type Tagged } from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import * as texts from '../texts/en/docs.js';
import './reference.css';

/** Where the console of this tab keeps its token (api/session.ts). */
const CONSOLE_TOKEN = 'posthorn.console';

/**
 * What the renderer draws otherwise: nothing where the page has title and introduction already, no link inside of a button, which readers of
 * the screen do not reach, and a search without a result that says so.
 */
const fitted = () => ({
  wrapComponents: {
    InfoContainer: () => () => null,
    ServersContainer: () => () => null,
    DeepLink:
      (_: unknown, { React }: System) =>
      ({ text }: { text: string }) =>
        React.createElement('span', null, text),
    operations:
      (Found: ComponentType<object>, { React, specSelectors }: System) =>
      (given: object) =>
        specSelectors.taggedOperations().size > 0
          ? React.createElement(Found, given)
          : React.createElement('p', { className: 'note', role: 'status' }, texts.noneFound),
  },
});

/** The field above the operations finds tags, and operations by a part of their path or of what they do. The renderer's own knows no summaries. */
const found = () => ({
  fn: {
    opsFilter(tags: Tagged, typed: string): Tagged {
      const wanted = typed.trim().toLowerCase();
      const has = (text = '') => text.toLowerCase().includes(wanted);
      return tags
        .map((tag, name) => {
          if (has(name)) return tag;
          const operations = tag.get('operations');
          return tag.set(
            'operations',
            operations.filter((one) => has(one.get('path')) || has(one.getIn(['operation', 'summary']))),
          );
        })
        .filter((tag) => tag.get('operations').size > 0);
    },
  },
  statePlugins: { spec: { wrapSelectors: { selectWebhooksOperations: foundWebhooks } } },
});

/** The webhooks below the operations, by a part of their name. The renderer does not search in them. */
const foundWebhooks =
  (all: (...given: unknown[]) => Record<string, unknown> | undefined, { layoutSelectors }: System) =>
  (...given: unknown[]) => {
    const typed = layoutSelectors.currentFilter();
    const found = all(...given);
    if (typeof typed !== 'string' || found === undefined) return found;
    return Object.fromEntries(Object.entries(found).filter(([name]) => name.toLowerCase().includes(typed.trim().toLowerCase())));
  };

/** Shows the reference with "Try it out", which asks this server. It takes the token of this tab's console, if there is one. */
export function showReference(place: HTMLElement): void {
  place.replaceChildren();
  followTheme();
  new MutationObserver(() => nameControls(place)).observe(place, { childList: true, subtree: true });
  const reference = SwaggerUIBundle({
    domNode: place,
    url: place.dataset['document']!,
    plugins: [fitted, found],
    deepLinking: true,
    docExpansion: 'none',
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    filter: true,
    showExtensions: true,
    showCommonExtensions: true,
    syntaxHighlight: { activated: false },
    tryItOutEnabled: false,
    // A service of somebody else judges the document otherwise.
    validatorUrl: null,
    onComplete: () => {
      const token = storedToken();
      place.before(note(token === null ? texts.noToken : texts.tokenOfConsole));
      if (token === null) return;
      const schema = { type: 'http', scheme: 'bearer' };
      reference.authActions.authorize({ HTTPBearer: { name: 'HTTPBearer', schema, value: token } });
    },
  });
  addEventListener('hashchange', () => {
    const hash = decoded(location.hash);
    if (hash !== null) reference.layoutActions.parseDeepLinkHash(hash);
  });
}

/** The renderer leaves the fields of parameters and bodies without a name for readers of the screen. */
function nameControls(place: HTMLElement): void {
  for (const control of place.querySelectorAll(':is(select, textarea, input):not([aria-label], [id], [type=checkbox])')) {
    const parameter = control.closest<HTMLElement>('[data-param-name]')?.dataset['paramName'];
    control.setAttribute('aria-label', parameter ?? (control.getAttribute('placeholder') || texts.body));
  }
}

/** The renderer has a look for dark pages, which a class turns on. */
function followTheme(): void {
  const { classList, dataset } = document.documentElement;
  const follow = () => classList.toggle('dark-mode', dataset['theme'] === 'dark');
  new MutationObserver(follow).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  follow();
}

function note(text: string): HTMLElement {
  const paragraph = document.createElement('p');
  paragraph.className = 'note';
  paragraph.textContent = text;
  return paragraph;
}

function decoded(hash: string): string | null {
  try {
    return decodeURI(hash);
  } catch {
    // Somebody has typed it.
    return null;
  }
}

function storedToken(): string | null {
  try {
    return sessionStorage.getItem(CONSOLE_TOKEN);
  } catch {
    return null;
  }
}
