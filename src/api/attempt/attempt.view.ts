import type { Attempt } from '../../database/entities/attempt.entity.js';
import { entityTime } from '../../domain/ids.js';
import type { MessageOut } from '../http-support/message-view.js';

const SUCCESS = 0;

/** An attempt as the API shows it. */
export interface AttemptOut {
  id: string;
  msgId: string;
  endpointId: string;
  url: string;
  status: number;
  statusText: 'success' | 'fail';
  triggerType: number;
  response: string;
  responseStatusCode: number;
  responseDurationMs: number;
  timestamp: Date;
  /** The message itself, where it was asked for. */
  msg?: MessageOut;
}

export function attemptOut(attempt: Attempt, withContent: boolean): AttemptOut {
  const { id, msgId, endpointId, url, status, triggerType, response, statusCode, durationMs } = attempt;
  return {
    id,
    msgId,
    endpointId,
    url,
    status,
    statusText: status === SUCCESS ? 'success' : 'fail',
    triggerType,
    response: withContent ? response : '{}',
    responseStatusCode: statusCode,
    responseDurationMs: durationMs,
    timestamp: entityTime(id),
  };
}
