/** The organisation whose applications send the operational webhooks. There is one application for each tenant; its uid is the tenant's id. */
export const OPERATIONS_ORG = 'org_00000000000SvixManagement00';

/** The types of operational webhooks, with their descriptions. */
export const OPERATIONAL_EVENT_TYPES = {
  'endpoint.created': 'An endpoint was created.',
  'endpoint.updated': 'An endpoint was changed, or its secret rotated.',
  'endpoint.deleted': 'An endpoint was deleted.',
  'endpoint.disabled': 'An endpoint was disabled because it did nothing but fail, or said that it is gone.',
  'endpoint.unreadable':
    'The secret or the headers of an endpoint can not be opened, so nothing is sent to it until it gets new ones.',
  'message.attempt.failing': 'A message has failed several times at an endpoint, and is still being retried.',
  'message.attempt.exhausted': 'A message was given up at an endpoint.',
  'message.attempt.recovered': 'A message reached an endpoint after it had failed several times.',
} as const;

export type OperationalEventType = keyof typeof OPERATIONAL_EVENT_TYPES;

/** An event that a tenant may want to hear of. It is stored until its message was accepted. Uids that are not in `data` are added then. */
export interface OperationalEvent {
  /** Made once, so that an event that is sent twice is accepted once. */
  id: string;
  type: OperationalEventType;
  appId: string;
  data: Record<string, unknown>;
  /** Stored even if no application here wants it: another server may have one that does. */
  always?: boolean;
}
