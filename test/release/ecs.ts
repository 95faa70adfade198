import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../support/until.js';

export const LISTENER =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/posthorn/50dc6c495c0c9188/f2f7dc8efc522ab2';
export const BLUE = groupArn('blue');
export const GREEN = groupArn('green');
/** The address of the task under test. */
export const OWN = '10.0.1.17';

/** The id and the image's tag of the task under test. */
export const TASK_ID = 'cd189a933e5849daa93386466019ab50';
export const IMAGE_TAG = '4f2c1d9a7b3e';

export type Weights = Record<string, number>;

/** What ECS and the load balancer tell a task, in their own formats. */
export interface Ecs {
  /** Variables that make a process ask here. */
  env: Record<'RELEASE_LISTENER_ARN' | 'ECS_CONTAINER_METADATA_URI_V4' | 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2', string>;
  /** Group → weight in the default action; a single group is a plain forward. */
  weights: Weights;
  /** Rules before the default one, answered a page each. */
  otherRules: Weights[];
  /** Group → address and state of its targets. */
  targets: Record<string, Record<string, string>>;
  /** How it answers; `hang` is not at all, `throttle` that there were too many requests. */
  mode: 'well' | 'refuse' | 'throttle' | 'hang';
  /** Number of requests for each action of the load balancer's API. */
  asked: Record<string, number>;
  /** Resolves when the rules were asked for this many more times. */
  askedAgain(times: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it with all traffic on blue, a neighbour in blue, and the task under test in green. */
export async function startEcs(): Promise<Ecs> {
  const ecs = {
    weights: { [BLUE]: 1 },
    otherRules: [],
    targets: { [BLUE]: { '10.0.1.16': 'healthy' }, [GREEN]: { [OWN]: 'healthy' } },
    mode: 'well',
    asked: {},
  } as unknown as Ecs;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET' && request.url === '/v4/own') answerMetadata(response);
      else answerQuery(ecs, new URLSearchParams(Buffer.concat(chunks).toString('utf8')), response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ecs.env = {
    RELEASE_LISTENER_ARN: LISTENER,
    ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/own`,
    AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: url,
  };
  const times = () => ecs.asked['DescribeRules'] ?? 0;
  ecs.askedAgain = (more) => {
    const goal = times() + more;
    return until(() => times() >= goal, 20_000, `${more} more questions`);
  };
  ecs.stop = async () => {
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  };
  return ecs;
}

function answerMetadata(response: ServerResponse): void {
  const container = {
    DockerId: 'cd189a933e5849daa93386466019ab50-2495160603',
    Name: 'app',
    KnownStatus: 'RUNNING',
    Image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/posthorn:${IMAGE_TAG}`,
    Labels: { 'com.amazonaws.ecs.task-arn': `arn:aws:ecs:eu-west-1:123456789012:task/posthorn/${TASK_ID}` },
    Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [OWN], AttachmentIndex: 0, IPv4SubnetCIDRBlock: '10.0.1.0/24' }],
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(container));
}

function answerQuery(ecs: Ecs, form: URLSearchParams, response: ServerResponse): void {
  const action = form.get('Action') ?? '';
  ecs.asked[action] = (ecs.asked[action] ?? 0) + 1;
  if (ecs.mode === 'hang') return;
  if (ecs.mode === 'throttle') return answerError(response, 400, 'Throttling', 'Rate exceeded');
  const result =
    ecs.mode === 'refuse'
      ? null
      : action === 'DescribeRules' && form.get('ListenerArn') === LISTENER
        ? rulesPage(ecs, Number(form.get('Marker') ?? 0))
        : action === 'DescribeTargetHealth'
          ? targetHealth(ecs.targets[form.get('TargetGroupArn') ?? ''] ?? {})
          : null;
  if (result === null) return answerError(response, 403, 'AccessDenied', `not ${action}`);
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<${action}Response ${NAMESPACE}><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${action}Response>`,
  );
}

function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(`<ErrorResponse ${NAMESPACE}>${error}<RequestId>r-1</RequestId></ErrorResponse>`);
}

const NAMESPACE = 'xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"';

/** One rule a page, the default one last. */
function rulesPage({ otherRules, weights }: Ecs, at: number): string {
  const isDefault = at >= otherRules.length;
  const rule =
    `<member><IsDefault>${isDefault}</IsDefault><Conditions/><Priority>${isDefault ? 'default' : at + 1}</Priority>` +
    `<Actions><member><Type>forward</Type>${forward(isDefault ? weights : otherRules[at]!)}</member></Actions></member>`;
  return `<Rules>${rule}</Rules>${isDefault ? '' : `<NextMarker>${at + 1}</NextMarker>`}`;
}

function forward(weights: Weights): string {
  const groups = Object.entries(weights).map(
    ([group, weight]) => `<member><TargetGroupArn>${group}</TargetGroupArn><Weight>${weight}</Weight></member>`,
  );
  const only = groups.length === 1 ? `<TargetGroupArn>${Object.keys(weights)[0]}</TargetGroupArn>` : '';
  const stickiness = '<TargetGroupStickinessConfig><Enabled>false</Enabled></TargetGroupStickinessConfig>';
  return `${only}<ForwardConfig><TargetGroups>${groups.join('')}</TargetGroups>${stickiness}</ForwardConfig>`;
}

function targetHealth(targets: Record<string, string>): string {
  const members = Object.entries(targets).map(
    ([address, state]) =>
      `<member><HealthCheckPort>3000</HealthCheckPort><Target><Id>${address}</Id><Port>3000</Port></Target>` +
      `<TargetHealth><State>${state}</State></TargetHealth></member>`,
  );
  return `<TargetHealthDescriptions>${members.join('')}</TargetHealthDescriptions>`;
}

function groupArn(name: string): string {
  return `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/posthorn-${name}/6d0ecf831eec9f09`;
}
