/** The organisation that owns the applications through which tenants hear of their own endpoints: one each, its uid is the tenant's id. */
export const OPERATIONS_ORG = 'org_00000000000SvixManagement00';

/** What tenants can be told of, with the sentence that describes it. */
export const OPERATIONAL_EVENT_TYPES = {
  'endpoint.created': 'An endpoint was created.',
  'endpoint.updated': 'An endpoint was changed, or its secret rotated.',
  'endpoint.deleted': 'An endpoint was deleted.',
  'endpoint.disabled': 'An endpoint was disabled because it did nothing but fail, or said that it is gone.',
  'message.attempt.failing': 'A message has failed several times at an endpoint, and is still being retried.',
  'message.attempt.exhausted': 'A message was given up at an endpoint.',
  'message.attempt.recovered': 'A message reached an endpoint after it had failed several times.',
} as const;

export type OperationalEventType = keyof typeof OPERATIONAL_EVENT_TYPES;

/** Something a tenant may want to be told of, kept until it was. Uids that are not in `data` are filled in when it is sent. */
export interface OperationalEvent {
  /** Made once; it keeps an event that is sent twice from being taken twice. */
  id: string;
  type: OperationalEventType;
  appId: string;
  data: Record<string, unknown>;
  /** Noted although nobody here wants to be told: another server may know of somebody. */
  always?: boolean;
}
