import { describe, expect, it } from '@jest/globals';
import { BadConfiguration, loadConfig } from '../../src/config/config.js';

const secrets = () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') });
const tracesTo = (env: Record<string, string>) => loadConfig(env, secrets).tracing.url;

describe('where traces go', () => {
  it('is nowhere by default', () => {
    expect(tracesTo({})).toBeNull();
  });

  it.each(['http://collector:4318', 'http://collector:4318/'])('is the path for traces at %s', (endpoint) => {
    expect(tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toBe('http://collector:4318/v1/traces');
  });

  it('is the URL for traces as it stands, where there is one', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b/traces' };
    expect(tracesTo(env)).toBe('https://b/traces');
  });

  it('is nowhere with OTEL_SDK_DISABLED', () => {
    expect(tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_SDK_DISABLED: 'true' })).toBeNull();
  });

  it('must be a URL', () => {
    expect(() => tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toThrow(BadConfiguration);
  });
});
