import { expect, it } from '@jest/globals';
import { QueueRefusals } from '../../src/queue/queue-refusals.js';

const denied = Object.assign(new Error('secret details'), { name: 'AccessDeniedException', $fault: 'client' });
const throttled = Object.assign(new Error('x'), { name: 'RequestThrottled', $fault: 'client' });
const said = (refusals: QueueRefusals, now: number) => {
  try {
    refusals.assertNone(now);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

it('a refused call counts until it succeeds; its text has only the code', () => {
  const refusals = new QueueRefusals();
  refusals.failed('SendMessageBatchCommand', denied, 0);
  refusals.answered('ReceiveMessageCommand', {}, 1);
  expect(said(refusals, 2)).toBe('send refused: AccessDeniedException');

  refusals.answered('SendMessageBatchCommand', { Successful: [{}] }, 3);
  expect(said(refusals, 4)).toBeNull();
});

it('a call that is not made again counts for a minute', () => {
  const refusals = new QueueRefusals();
  refusals.failed('DeleteMessageBatchCommand', denied, 0);
  expect(said(refusals, 59_999)).toBe('delete refused: AccessDeniedException');
  expect(said(refusals, 60_000)).toBeNull();
});

it('a batch of which SQS refuses every entry is refused, one of which it takes a part is not', () => {
  const refusals = new QueueRefusals();
  refusals.answered('SendMessageBatchCommand', { Failed: [{ Code: 'KmsAccessDenied' }], Successful: [] }, 0);
  expect(said(refusals, 1)).toBe('send refused: KmsAccessDenied');

  refusals.answered('SendMessageBatchCommand', { Failed: [{ Code: 'InternalError' }], Successful: [{}] }, 2);
  expect(said(refusals, 3)).toBeNull();
});

it('what passes by itself, and what an operator asked for, is not a refusal', () => {
  const refusals = new QueueRefusals();
  refusals.failed('SendMessageBatchCommand', throttled, 0);
  refusals.failed('SendMessageBatchCommand', Object.assign(new Error('x'), { name: 'TimeoutError' }), 0);
  refusals.failed('StartMessageMoveTaskCommand', denied, 0);
  expect(said(refusals, 1)).toBeNull();
});
