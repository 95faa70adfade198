import { Injectable } from '@nestjs/common';
import { Sealer, type Binding } from '../domain/sealing.js';
import { SealingMode } from './sealing-mode.js';

/** What names an endpoint in the binding of its secrets. */
export interface EndpointName {
  orgId: string;
  appId: string;
  id: string;
}

/** What is sealed of an endpoint. */
export type SealedField = 'secret' | 'headers' | 'password';

/** Seals what belongs to endpoints, in one way: bound to their rows, or as releases before this one can read it. */
export interface EndpointSeal {
  bound: boolean;
  seal(endpoint: EndpointName, field: SealedField, plain: string, more?: Binding): string;
  /** Whether a text is sealed in this way, and with the first key. */
  isCurrent(sealed: string): boolean;
}

/** Seals and opens the secrets of endpoints. Each text is bound to its organisation, application, endpoint and field. */
@Injectable()
export class EndpointSealing {
  constructor(
    private readonly sealer: Sealer,
    private readonly mode: SealingMode,
  ) {}

  /** For the writes of one request. Asked before their transaction. */
  async forWrite(): Promise<EndpointSeal> {
    return this.inMode(await this.mode.isBound());
  }

  inMode(bound: boolean): EndpointSeal {
    return {
      bound,
      seal: (endpoint, field, plain, more = []) =>
        this.sealer.seal(plain, bound ? [...bindingOf(endpoint, field), ...more] : null),
      isCurrent: (sealed) => this.sealer.isCurrent(sealed, bound),
    };
  }

  /** Throws SealBroken. */
  open(endpoint: EndpointName, field: SealedField, sealed: string, more: Binding = []): string {
    return this.sealer.open(sealed, [...bindingOf(endpoint, field), ...more]);
  }
}

function bindingOf({ orgId, appId, id }: EndpointName, field: SealedField): Binding {
  return ['endpoint', orgId, appId, id, field];
}
