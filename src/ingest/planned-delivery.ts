import type { CachedApplication } from '../database/engine/application-cache.js';
import type { Committed, Group, NewDeliveryRow } from '../database/engine/engine-store.js';
import type { ClaimedDelivery, UnsealedEndpoint } from '../domain/delivery.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import type { PermitHolder } from '../domain/hand-off.js';
import type { Member, MemberResult } from './member.js';

/** A delivery of a member of a group, before the commit. */
export interface PlannedDelivery {
  member: Member;
  endpoint: UnsealedEndpoint;
  /** A scheduled one waits for its time in the database alone: null goes out now. */
  dueAt: number | null;
  permit: PermitHolder | null;
}

/** Members of one application may have joined with different versions of it: the newest counts for all. */
export function upToDate(members: Member[]): Member[] {
  const newest = new Map<string, CachedApplication>();
  for (const { entry } of members) {
    if ((newest.get(entry.appId)?.version ?? -1) < entry.version) newest.set(entry.appId, entry);
  }
  return members.map((member) => ({ ...member, entry: newest.get(member.entry.appId)! }));
}

/** The rows that a group's transaction writes. */
export function groupOf(members: Member[], planned: PlannedDelivery[]): Group {
  return {
    versions: new Map(members.map(({ entry }) => [entry.appId, entry.version])),
    messages: members.map(({ entry, id, message, payloadUntil }) => ({
      appId: entry.appId,
      id,
      eventType: message.eventType,
      eventId: message.eventId,
      channels: message.channels,
      payload: message.payload,
      payloadUntil,
      expiresEarly: message.retentionDays < DEFAULT_RETENTION_DAYS,
      key: message.key ?? null,
      extras: message.extras ?? null,
    })),
    deliveries: planned.map(({ member, endpoint, dueAt, permit }): NewDeliveryRow => ({
      appId: member.entry.appId,
      msgId: member.id,
      endpointId: endpoint.id,
      claimed: permit !== null,
      dueAt,
    })),
  };
}

/** What the worker is handed of a delivery that was claimed by its INSERT. */
export function claimedOf({ member, endpoint }: PlannedDelivery, leaseEnds: number): ClaimedDelivery {
  return {
    appId: member.entry.appId,
    msgId: member.id,
    endpointId: endpoint.id,
    run: 0,
    fence: 1,
    attempts: 0,
    leaseEnds,
    eventType: member.message.eventType,
    payload: member.message.payload,
    contentType: member.message.extras?.contentType ?? null,
    endpoint,
    ...traceOf(member),
  };
}

export function traceOf({ trace }: Member): { trace?: string } {
  return trace ? { trace } : {};
}

/** `present`: what is left of the members, under the ids that they have now; `planned`: their deliveries. */
export function resultsOf(
  members: Member[],
  present: Member[],
  planned: PlannedDelivery[],
  { eventIdTaken, keyTaken }: Committed,
): MemberResult[] {
  const kept = new Map(present.map(({ message, id }) => [message, { kind: 'committed' as const, id, deliveries: 0 }]));
  for (const { member } of planned) kept.get(member.message)!.deliveries++;
  return members.map(({ message }) => {
    const committed = kept.get(message);
    if (!committed) return { kind: 'application gone' };
    const other = keyTaken.get(committed.id);
    if (other !== undefined) return { kind: 'known', id: other };
    return eventIdTaken.has(committed.id) ? { kind: 'event id taken' } : committed;
  });
}
