import type { DeliveryRef } from '../../domain/delivery.js';
import type { Attributes, Tracer } from '../../observability/tracing.js';
import {
  EngineStore,
  type ClaimedRow,
  type DueRow,
  type Group,
  type GroupResult,
  type Postponed,
  type Settlement,
} from './engine-store.js';

/**
 * An EngineStore with trace spans around group commits, claims and settles. It is used only if tracing is on. A batch has one span, in the
 * trace of the request or delivery that started the batch.
 */
export class TracedEngineStore extends EngineStore {
  constructor(
    private readonly store: EngineStore,
    private readonly tracer: Tracer,
    private readonly system: 'mysql' | 'sqlite',
  ) {
    super();
  }

  insertGroup(group: Group, leaseMs: number): Promise<GroupResult> {
    const { messages, deliveries } = group;
    const sizes = { 'posthorn.messages': messages.length, 'posthorn.deliveries': deliveries.length };
    return this.traced('group commit', sizes, () => this.store.insertGroup(group, leaseMs));
  }

  hasMessage(appId: string, msgId: string): Promise<boolean> {
    return this.store.hasMessage(appId, msgId);
  }

  claim(refs: readonly DeliveryRef[], leaseMs: number): Promise<ClaimedRow[]> {
    return this.traced('claim', { 'posthorn.deliveries': refs.length }, () => this.store.claim(refs, leaseMs));
  }

  settle(settlements: readonly Settlement[]): Promise<number> {
    return this.traced('settle', { 'posthorn.deliveries': settlements.length }, () => this.store.settle(settlements));
  }

  /** No span, because a lost fence is rare. */
  withLostFence(refs: readonly DeliveryRef[]): Promise<DeliveryRef[]> {
    return this.store.withLostFence(refs);
  }

  postpone(refs: readonly Postponed[]): Promise<void> {
    return this.store.postpone(refs);
  }

  /** No span, because the scanner calls this twice a second and mostly finds nothing. */
  due(limit: number, withinMs: number | null, without?: readonly string[]): Promise<DueRow[]> {
    return this.store.due(limit, withinMs, without);
  }

  recover(): Promise<number> {
    return this.store.recover();
  }

  override get connections(): { inUse: number; max: number } | null {
    return this.store.connections;
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    return this.tracer.span(name, { 'db.system.name': this.system, ...attributes }, work, { kind: 'client' });
  }
}
