import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { resourcesOf, templateOf, textOf } from '../support/synth.ts';
import { actionsInScript, actionsInSource, callsIn, ROOT, sourcesIn, withImports } from './calls.ts';
import { plainId } from './synthesized.ts';
import { TABLE } from './table.ts';

/** Files of the app that call nothing in AWS. */
const ELSEWHERE = ['src/queue/embedded-queue.ts'];
const POLLER = 'src/queue/task-poller.ts';

/** `FILE ACTION` of a role's rows that are calls of files like these. */
function rowsOf(role: string, file: RegExp): string[] {
  const rows = TABLE[role]!.needs.flatMap(({ by, actions }) =>
    actions.split(' ').map((action) => `${by.split(':')[0]} ${action}`),
  );
  return [...new Set(rows.filter((row) => file.test(row)))].sort();
}
const actionsAlone = (rows: string[]) => [...new Set(rows.map((row) => row.split(' ')[1]!))].sort();

describe('the app', () => {
  it('makes exactly the calls that the task role has rows for, each from the file that the row names', () => {
    const own = sourcesIn('src').filter((file) => !ELSEWHERE.includes(file));
    expect([...callsIn(own), ...libraryCalls()].sort()).toEqual(rowsOf('service/RolesTask', /^src\//));
  });

  it('runs the emulator of its queue in its own process, so that those calls reach no AWS', () => {
    expect(readFileSync(join(ROOT, ELSEWHERE[0]!), 'utf8')).toMatch(/localhost|127\.0\.0\.1/);
    expect(readFileSync(join(ROOT, 'src/queue/queue-client.ts'), 'utf8')).toMatch(
      /if \(this\.config\.url !== null .*\) return;\n.*await import\('\.\/embedded-queue\.js'\)/,
    );
  });
});

/** What sqs-consumer sends for the app: by its source, and by the options that the app gives it. */
function libraryCalls(): string[] {
  const library = readFileSync(join(ROOT, 'node_modules/sqs-consumer/dist/esm/consumer.js'), 'utf8');
  const options = /Consumer\.create\(\{[\s\S]*?\n {4}\}\);/.exec(readFileSync(join(ROOT, POLLER), 'utf8'))![0];
  const handlesBatches = /handleMessageBatch:/.test(options);
  const keepsHidden = /heartbeatInterval|terminateVisibilityTimeout/.test(options);
  const made: Record<string, boolean> = {
    ReceiveMessage: true,
    DeleteMessage: !handlesBatches,
    DeleteMessageBatch: handlesBatches,
    ChangeMessageVisibility: keepsHidden,
    ChangeMessageVisibilityBatch: keepsHidden,
  };
  const found = new Set([...library.matchAll(/new (\w+)Command\(/g)].map(([, command]) => command!));
  expect([...found].sort()).toEqual(Object.keys(made).sort());
  const used = Object.keys(made).filter((command) => made[command]);
  return used.map((command) => `${POLLER} sqs:${command.replace(/Batch$/, '')}`);
}

describe('the functions', () => {
  const functions = Object.values(resourcesOf(templateOf(), 'AWS::Lambda::Function')).flatMap(({ Properties }) => {
    const file = /^([\w-]+)\.handler$/.exec(Properties.Handler)?.[1];
    const role = plainId(Properties.Role['Fn::GetAtt'][0]);
    return file && Properties.FunctionName ? [[file, `service/${role}`] as const] : [];
  });

  it('are those of hooks/ that have a handler', () => {
    const handlers = sourcesIn('infra/hooks').filter((file) =>
      /export .*\bhandler\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect([...new Set(functions.map(([file]) => `infra/hooks/${file}.mjs`))].sort()).toEqual(handlers.sort());
  });

  it.each(functions)('%s makes exactly the calls that %s has rows for', (file, role) => {
    expect(callsIn(withImports(`infra/hooks/${file}.mjs`))).toEqual(rowsOf(role, /^infra\/hooks\//));
  });

  it('make the listeners by the calls that their rows have', () => {
    const listeners = resourcesOf(templateOf(), 'Custom::ReleaseListener');
    const calls = [...textOf(listeners).matchAll(/\\"service\\":\\"([\w-]+)\\",\\"action\\":\\"(\w+)\\"/g)];
    expect(new Set(calls.map(([, service]) => service))).toEqual(new Set(['elastic-load-balancing-v2']));
    const role = 'service/AWS679f53fac002430cb0da5b7982bd2287ServiceRole';
    const actions = calls.map(([, , action]) => `elasticloadbalancing:${action}`);
    expect([...new Set(actions)].sort()).toEqual(actionsAlone(rowsOf(role, /^infra\/lib\//)));
  });
});

describe('the builds', () => {
  const template = templateOf({ verify: 'true' });
  const projects = Object.values(resourcesOf(template, 'AWS::CodeBuild::Project')).map(({ Properties }) => {
    const { BuildSpec } = Properties.Source;
    const script = BuildSpec === 'buildspec.yml' ? readFileSync(join(ROOT, BuildSpec), 'utf8') : scriptOf(BuildSpec);
    return [Properties.Name as string, plainId(Properties.ServiceRole['Fn::GetAtt'][0]), script] as const;
  });

  it.each(projects)('%s makes exactly the calls that %s has rows for', (_name, id, script) => {
    const role = [`service/${id}`, `pipeline/${id}`].find((key) => key in TABLE)!;
    expect(actionsInScript(script)).toEqual(actionsAlone(rowsOf(role, /^(buildspec\.yml|infra\/(lib|pipeline)\/)/)));
  });

  it('are all looked at', () => expect(projects).toHaveLength(5));
});

/** YAML in a template, with the line breaks of its folded and quoted texts. */
function scriptOf(spec: unknown): string {
  const text = typeof spec === 'string' ? spec : textOf(spec);
  return text.replaceAll(/\\n|\\\s*\n\s*/g, '\n');
}

describe('the scanner', () => {
  it('knows commands, pages, and the names that IAM gives to batches', () => {
    const source = `import { SQSClient, SendMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
      import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
      import { paginateListTasks } from '@aws-sdk/client-ecs';`;
    expect(actionsInSource(source)).toEqual(['sqs:SendMessage', 'ecs:ListTasks']);
  });

  it.each([
    "import { SQS } from '@aws-sdk/client-sqs';",
    "import * as sqs from '@aws-sdk/client-sqs';",
    "const { SQSClient } = await import('@aws-sdk/client-sqs');",
    "import { Upload } from '@aws-sdk/lib-storage';",
    "import { waitUntilTasksStopped } from '@aws-sdk/client-ecs';",
  ])('refuses what it can not read: %s', (source) => {
    expect(() => actionsInSource(source)).toThrow(/this test does not/);
  });

  it('reads shell', () => {
    expect(actionsInScript('x=$(aws ecs run-task --y)\n# aws s3 ls-it\n- docker push "$IMAGE"')).toContain('ecs:RunTask');
    expect(actionsInScript('aws ecr-public get-login-password')).toEqual([
      'ecr-public:GetAuthorizationToken',
      'sts:GetServiceBearerToken',
    ]);
  });
});
