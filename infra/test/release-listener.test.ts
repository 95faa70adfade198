import { EventEmitter } from 'node:events';
import https from 'node:https';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVERYTHING, INFRA, resourcesOf, templateOf } from './support/synth.ts';

const HANDLER = 'aws-cdk-lib/custom-resource-handlers/dist/custom-resources/aws-custom-resource-handler/index.js';
const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:000000000001:listener/app/posthorn/1/2';

/** The function of the CDK's library that runs in the account, with what our template gives it, against a stand-in for ELB. */
describe('the custom resource of a listener', () => {
  const { handler } = createRequire(import.meta.url)(join(INFRA, 'node_modules', HANDLER)) as {
    handler: (event: object, context: object) => Promise<void>;
  };
  const calls: URLSearchParams[] = [];
  const answers: { Status: string; PhysicalResourceId: string; Data: object }[] = [];
  const { request } = https;
  let elb: Server;

  beforeAll(async () => {
    elb = createServer(async (incoming, outgoing) => {
      let text = '';
      for await (const part of incoming) text += part;
      const call = new URLSearchParams(text);
      calls.push(call);
      const action = call.get('Action');
      const result = `<Listeners><member><ListenerArn>${ARN}</ListenerArn></member></Listeners>`;
      outgoing.setHeader('content-type', 'text/xml');
      outgoing.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
    });
    await new Promise<void>((resolve) => elb.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(elb.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'stand-in',
      AWS_SECRET_ACCESS_KEY: 'stand-in',
    });
    // What it tells CloudFormation goes to a pre-signed URL.
    https.request = ((_url: unknown, answered: (response: EventEmitter) => void) =>
      Object.assign(new EventEmitter(), {
        write: (text: string) => answers.push(JSON.parse(text)),
        end: () => answered(Object.assign(new EventEmitter(), { statusCode: 200, resume: () => undefined })),
      })) as unknown as typeof https.request;
  });
  afterAll(async () => {
    https.request = request;
    elb.closeAllConnections();
    await new Promise((resolve) => elb.close(resolve));
  });

  async function happens(RequestType: 'Create' | 'Update' | 'Delete'): Promise<URLSearchParams> {
    const [listener] = Object.values(resourcesOf(templateOf(EVERYTHING), 'Custom::ReleaseListener'));
    const given = () => ({
      ...Object.fromEntries(['Create', 'Update', 'Delete'].map((name) => [name, resolved(listener!.Properties[name])])),
      InstallLatestAwsSdk: false,
    });
    const PhysicalResourceId = RequestType === 'Create' ? undefined : ARN;
    const properties = { ResourceProperties: given(), OldResourceProperties: given() };
    const event = { RequestType, PhysicalResourceId, ResponseURL: 'https://stand-in/answer', ...properties };
    await handler({ ...event, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'listener' }, { logStreamName: 'log' });
    return calls.at(-1)!;
  }

  it('makes the listener, with the first target group', async () => {
    const call = await happens('Create');
    expect(Object.fromEntries(call)).toMatchObject({
      Action: 'CreateListener',
      Port: '443',
      Protocol: 'HTTPS',
      'DefaultActions.member.1.Type': 'forward',
      'DefaultActions.member.1.TargetGroupArn': 'TrafficBlue01E6C578',
    });
    expect(answers.at(-1)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ARN,
      Data: { 'Listeners.0.ListenerArn': ARN },
    });
  });

  it('changes it, in an update and in its rollback alike, without a word about where traffic goes', async () => {
    const call = await happens('Update');
    expect([...call.keys()].sort()).toEqual(
      ['Action', 'Certificates.member.1.CertificateArn', 'ListenerArn', 'Port', 'Protocol', 'SslPolicy', 'Version'].sort(),
    );
    expect(call.get('ListenerArn')).toBe(ARN);
    expect(answers.at(-1)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: ARN,
      Data: { 'Listeners.0.ListenerArn': ARN },
    });
  });

  it('removes it', async () => {
    expect((await happens('Delete')).get('Action')).toBe('DeleteListener');
    expect(answers.at(-1)!.Status).toBe('SUCCESS');
  });
});

/** A joined text with its references as their logical ids. */
function resolved(value: string | { 'Fn::Join': [string, (string | { Ref: string })[]] }): string {
  if (typeof value === 'string') return value;
  return value['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : part.Ref)).join('');
}
