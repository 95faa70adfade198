import { resolve } from 'node:path';
import { ECSClient, RegisterTaskDefinitionCommand, type RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { readProject } from './check/project.js';
import { renderedTaskdef, type SizeName } from './check/samples.js';

const project = readProject(resolve(import.meta.dirname, '../..'));
const sizes = Object.keys(project.settings.sizes) as SizeName[];

/** What the SDK would send to ECS. */
async function serialized(input: RegisterTaskDefinitionCommandInput): Promise<unknown> {
  let sent: unknown;
  const client = new ECSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
    requestHandler: {
      handle: (request: { body: Uint8Array }) => {
        sent = JSON.parse(new TextDecoder().decode(request.body));
        return Promise.reject(new Error('sent'));
      },
    },
    maxAttempts: 1,
  });
  await client.send(new RegisterTaskDefinitionCommand(input)).catch((error: unknown) => {
    if ((error as Error).message !== 'sent') throw error;
  });
  client.destroy();
  return sent;
}

describe('taskdef.json', () => {
  it.each(sizes)('goes through the AWS SDK as it is, size %s', async (size) => {
    const taskdef = JSON.parse(renderedTaskdef(project, size)) as RegisterTaskDefinitionCommandInput;

    expect(await serialized(taskdef)).toEqual(taskdef);
  });

  it('would lose what the SDK does not know', async () => {
    const taskdef = { ...JSON.parse(renderedTaskdef(project, 'small')), revision: 7 } as RegisterTaskDefinitionCommandInput;

    expect(await serialized(taskdef)).not.toHaveProperty('revision');
  });

  it.each(sizes)('is filled in completely, size %s', (size) => {
    const rendered = renderedTaskdef(project, size);

    expect(rendered).not.toContain('${');
    expect(JSON.parse(rendered)).toMatchObject({
      cpu: String(project.settings.sizes[size].cpu),
      memory: String(project.settings.sizes[size].memory),
      containerDefinitions: [{ image: '<IMAGE1_NAME>' }],
    });
  });
});
