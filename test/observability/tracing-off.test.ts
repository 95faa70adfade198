import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anInstallation, EMBEDDED, type Installation } from '../faults/installation.js';
import { until } from '../support/until.js';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.js';

/** Says on stderr which modules of OpenTelemetry the process loads, whichever way it asks for them. */
const WITNESS = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      if (url.includes('/@opentelemetry/')) process.stderr.write('loaded ' + url + '\\n');
      return next(url, context);
    },
  });
`)}`;

describe('a process', () => {
  let installation: Installation;
  let collector: OtlpReceiver;

  beforeAll(async () => {
    [installation, collector] = await Promise.all([anInstallation({ ...EMBEDDED, NODE_OPTIONS: WITNESS }), startOtlpReceiver()]);
  });
  afterAll(() => Promise.all([installation?.remove(), collector?.stop()]));

  const loaded = async (env: Record<string, string>) => {
    const server = await installation.start({}, env);
    await until(() => server.log.some((line) => line.includes('worker.started')), 10_000, 'the worker');
    await server.stop();
    return server.log.filter((line) => line.startsWith('loaded '));
  };

  it('that is not traced loads nothing of OpenTelemetry', async () => {
    expect(await loaded({})).toEqual([]);
  });

  it('with OTEL_SDK_DISABLED neither', async () => {
    expect(await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  });

  it('that serves metrics does without its SDK and exporter', async () => {
    // prom-client brings the API, which does nothing by itself; the port is as good as any, taken or not.
    const modules = await loaded({ METRICS_PORT: '9464' });
    expect(modules.filter((line) => !line.includes('/@opentelemetry/api/'))).toEqual([]);
  });

  it('that is traced loads it, as the witness of these tests sees', async () => {
    const modules = await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    for (const name of ['api', 'sdk-trace-base', 'exporter-trace-otlp-proto', 'resources'])
      expect(modules.filter((line) => line.includes(`/@opentelemetry/${name}/`))).not.toEqual([]);
  });
});
