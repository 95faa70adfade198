import { describe, expect, it } from '@jest/globals';
import { BadConfiguration, loadConfig } from '../../src/config/config.js';
import { LISTENER } from './ecs.js';

const METADATA = 'http://169.254.170.2/v4/cd189a933e58';
const load = (env: Record<string, string>) =>
  loadConfig(env, () => ({ jwtSecret: 'generated', encryptionKey: Buffer.alloc(32, 1).toString('base64') }));

function faults(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration of the release gate', () => {
  it('is nothing without a listener, also on ECS', () => {
    expect(load({ ECS_CONTAINER_METADATA_URI_V4: METADATA }).release).toBeNull();
  });

  it('finds the region in the ARN of the listener', () => {
    expect(load({ RELEASE_LISTENER_ARN: LISTENER, ECS_CONTAINER_METADATA_URI_V4: METADATA }).release).toEqual({
      listenerArn: LISTENER,
      region: 'eu-west-1',
      metadataUrl: METADATA,
    });
  });

  it('is refused where the task could not find out who it is', () => {
    expect(faults({ RELEASE_LISTENER_ARN: LISTENER })).toEqual([
      expect.stringMatching(/^ECS_CONTAINER_METADATA_URI_V4 is missing/),
    ]);
  });

  it.each([
    'posthorn',
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/posthorn/6d0ecf831eec9f09',
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/posthorn/50dc6c495c0c9188',
  ])('is refused with %s for a listener', (text) => {
    expect(faults({ RELEASE_LISTENER_ARN: text, ECS_CONTAINER_METADATA_URI_V4: METADATA })).toEqual([
      expect.stringMatching(/^RELEASE_LISTENER_ARN must be the ARN of a listener/),
    ]);
  });
});
