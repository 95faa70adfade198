/** What the reference uses of the package, which has no types of its own: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  import type { createElement } from 'react';

  /** What plugins get. The renderer brings a React of its own. */
  export interface System {
    React: { createElement: typeof createElement };
    /** What the filter leaves. */
    specSelectors: { taggedOperations(): Tagged };
    /** What is typed into the filter; true without. */
    layoutSelectors: { currentFilter(): unknown };
  }

  /** The few things that are used of the renderer's immutable lists and maps. */
  export interface Tag {
    get(name: 'operations'): Operations;
    set(name: 'operations', operations: Operations): Tag;
  }
  export interface Operation {
    get(name: 'path'): string;
    getIn(path: ['operation', 'summary']): string | undefined;
  }
  export interface Operations {
    readonly size: number;
    filter(keeps: (operation: Operation) => boolean): Operations;
  }
  /** By the names of the tags. */
  export interface Tagged {
    readonly size: number;
    map(change: (tag: Tag, name: string) => Tag): Tagged;
    filter(keeps: (tag: Tag) => boolean): Tagged;
  }

  interface SwaggerUi {
    authActions: { authorize(schemes: Record<string, unknown>): void };
    layoutActions: { parseDeepLinkHash(hash: string): void };
  }

  interface Options {
    domNode: HTMLElement;
    url: string;
    [name: string]: unknown;
    plugins: readonly (() => object)[];
    onComplete(): void;
  }

  export default function SwaggerUIBundle(options: Options): SwaggerUi;
}
