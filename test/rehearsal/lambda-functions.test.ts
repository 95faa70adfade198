import { describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { someFunctions } from './support/lambda.js';

describe('a function', () => {
  it('gets the event, its context and its environment', async () => {
    process.env['OF_THE_REHEARSAL'] = '1';
    const { functions, logged } = someFunctions();

    expect(await functions.invoke('stand-in', { DeploymentId: 'd-1' })).toEqual({ failed: null });
    delete process.env['OF_THE_REHEARSAL'];
    const [called, context, environment] = logged();
    expect(called).toBe('called with {"DeploymentId":"d-1"}');
    const { leftMs, ...rest } = JSON.parse(context!);
    expect(leftMs).toBeGreaterThan(19_000);
    expect(leftMs).toBeLessThanOrEqual(20_000);
    expect(rest).toEqual({ awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/), functionName: 'stand-in' });
    expect(JSON.parse(environment!)).toEqual({ NAME: 'posthorn', AWS_REGION: 'eu-west-1', AWS_SESSION_TOKEN: 'rehearsal' });
  });

  it('never has more time than on AWS', async () => {
    const { functions, logged } = someFunctions({ timeoutMs: 10_000 });
    await functions.invoke('stand-in', {});

    expect(JSON.parse(logged()[1]!).leftMs).toBeLessThanOrEqual(10_000);
  });

  it('is found by its ARN too', async () => {
    const { functions } = someFunctions();

    expect(await functions.invoke('arn:aws:lambda:eu-west-1:123456789012:function:stand-in', {})).toEqual({ failed: null });
  });

  it.each([
    ['throws', { throws: 'not today' }, /^TypeError: not today$/],
    ['ends its process', { exits: 7 }, /^Runtime.ExitError: .*exit status 7$/],
  ])('has failed if it %s', async (_what, event, reason) => {
    const { functions } = someFunctions();

    expect(await functions.invoke('stand-in', event)).toEqual({ failed: expect.stringMatching(reason) });
  });

  it('has failed if it takes too long', async () => {
    const { functions } = someFunctions({}, 1_000);

    expect(await functions.invoke('stand-in', { hangs: true })).toEqual({
      failed: expect.stringMatching(/ Task timed out after 180.00 seconds$/),
    });
  });

  it('has failed if it cannot be loaded', async () => {
    const { functions } = someFunctions();

    expect(await functions.invoke('broken', {})).toEqual({ failed: expect.stringMatching(/not-there/) });
  });

  it('has failed if it is not there', async () => {
    const { functions } = someFunctions();

    expect(await functions.invoke('other', {})).toEqual({ failed: expect.stringMatching(/^ResourceNotFoundException/) });
  });

  it('ends with the rehearsal', async () => {
    const { functions, logged } = someFunctions();
    const invoked = functions.invoke('stand-in', { hangs: true });
    await until(() => logged().length > 0, 5_000, 'it to be called');
    await functions.close();

    expect(await invoked).toEqual({ failed: expect.stringMatching(/SIGKILL/) });
    expect(await functions.invoke('stand-in', {})).toEqual({ failed: 'The rehearsal has ended' });
  });
});
