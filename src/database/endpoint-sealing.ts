import { Injectable } from '@nestjs/common';
import { dataKeyIn, DataKeyNeeded, isOfKmsKey, openWith, sealWith, type DataKey } from '../domain/data-key.js';
import type { Binding } from '../domain/envelope.js';
import { Sealer } from '../domain/sealing.js';
import { DataKeys } from './data-keys/data-keys.js';
import { SealingMode } from './sealing-mode.js';

/** So many data keys one piece of work may need, one after the other. */
const MAX_NEEDED = 100;

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
  /** Whether a text is sealed in this way: with the first key, or with a data key of the KMS key, of whatever day. */
  isCurrent(sealed: string): boolean;
}

/**
 * Seals and opens the secrets of endpoints. Each text is bound to its organisation, application, endpoint and field. With a KMS key, and
 * where texts are bound, data keys seal; otherwise the first key of ENCRYPTION_KEY does.
 */
@Injectable()
export class EndpointSealing {
  constructor(
    private readonly sealer: Sealer,
    private readonly mode: SealingMode,
    private readonly dataKeys: DataKeys,
  ) {}

  /** For the writes of one request. Asked before their transaction. Throws DataKeyAway if there is no data key to seal with. */
  async forWrite(): Promise<EndpointSeal> {
    const bound = await this.mode.isBound();
    return this.sealOf(bound, bound ? await this.dataKeys.forSeal() : null);
  }

  /** For the command that seals everything again. A dry run only counts, so it makes no data key. */
  async forRekey({ dryRun }: { dryRun: boolean }): Promise<EndpointSeal> {
    return this.sealOf(true, dryRun ? null : await this.dataKeys.forSeal());
  }

  private sealOf(bound: boolean, dataKey: DataKey | null): EndpointSeal {
    const { kmsKeyId } = this.dataKeys;
    return {
      bound,
      seal: (endpoint, field, plain, more = []) => {
        const binding = [...bindingOf(endpoint, field), ...more];
        return dataKey ? sealWith(dataKey, plain, binding) : this.sealer.seal(plain, bound ? binding : null);
      },
      isCurrent: (sealed) => (bound && kmsKeyId !== null ? isOfKmsKey(sealed, kmsKeyId) : this.sealer.isCurrent(sealed, bound)),
    };
  }

  /** Throws SealBroken; DataKeyAway if the data key can't be had now; DataKeyNeeded if it was not asked for yet. */
  open(endpoint: EndpointName, field: SealedField, sealed: string, more: Binding = []): string {
    const binding = [...bindingOf(endpoint, field), ...more];
    const dataKey = dataKeyIn(sealed);
    return dataKey === null ? this.sealer.open(sealed, binding) : openWith(this.dataKeys.get(dataKey), sealed, binding);
  }

  /** Gets the data keys of these texts into memory. One that can't be had is no error here, but in `open`. */
  async prepare(sealed: Iterable<string>): Promise<void> {
    const needed = dataKeysIn(sealed);
    if (needed.size > 0) await this.dataKeys.learn(needed);
  }

  /** Whether the data keys of these texts are all in memory. */
  isPrepared(sealed: Iterable<string>): boolean {
    return [...dataKeysIn(sealed)].every((id) => this.dataKeys.has(id));
  }

  /**
   * Runs work that opens texts. If it stops because a data key is not in memory, the key is asked for and the work runs again from the
   * start. So the work must have no effect when it throws, as a transaction.
   */
  async withKeys<T>(work: () => T | Promise<T>): Promise<T> {
    for (let left = MAX_NEEDED; ; left--) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof DataKeyNeeded) || left === 0) throw error;
        await this.dataKeys.learn([error.id]);
      }
    }
  }
}

function dataKeysIn(sealed: Iterable<string>): Set<string> {
  const found = new Set<string>();
  for (const text of sealed) {
    const id = dataKeyIn(text);
    if (id !== null) found.add(id);
  }
  return found;
}

function bindingOf({ orgId, appId, id }: EndpointName, field: SealedField): Binding {
  return ['endpoint', orgId, appId, id, field];
}
