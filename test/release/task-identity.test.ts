import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { taskIdentity } from '../../src/release/task-identity.js';
import { IMAGE_TAG, startEcs, TASK_ID, type Ecs } from './ecs.js';

describe('the identity of a task', () => {
  let ecs: Ecs;

  beforeEach(async () => {
    ecs = await startEcs();
  });
  afterEach(() => ecs.stop());

  const asked = (url: string | null) => taskIdentity(url, AbortSignal.timeout(10_000));

  it('is on ECS the id of the task and the tag of its image', async () => {
    expect(await asked(ecs.env.ECS_CONTAINER_METADATA_URI_V4)).toEqual({ id: TASK_ID, version: IMAGE_TAG });
  });

  it('is elsewhere the process, and the version of the package', async () => {
    const { id, version } = await asked(null);
    expect(id).toContain(String(process.pid));
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('differs between two processes of the same number', async () => {
    expect((await asked(null)).id).not.toBe((await asked(null)).id);
  });

  it('is refused if the endpoint refuses', async () => {
    await expect(asked(`${ecs.env.AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2}/other`)).rejects.toThrow('answered 403');
  });
});
