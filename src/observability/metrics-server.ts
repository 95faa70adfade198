import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { errorFields, Log } from './log.js';
import { prometheusRegistry } from './metrics-prometheus.js';
import { Metrics } from './metrics.js';

const REQUEST_LIMIT_MS = 10_000;
/** Longer than the usual minute between two scrapes, so that the scraper's connection stays open. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves `/metrics` for Prometheus, on a port of its own: metrics are not for the public.
 *
 * If the port is taken (two processes on one machine), this process serves no metrics, and logs that once. Nothing else changes.
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | null = null;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { port } = this.config.metrics;
    if (port === 0) return;
    const registry = await prometheusRegistry(this.metrics);
    const limits = { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, keepAliveTimeout: KEEP_ALIVE_MS };
    const server = createServer(limits, (request, response) => void this.answer(registry, request, response));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, this.config.http.host, resolve);
      });
      server.on('error', (error) => this.log.warn('metrics.server_failed', errorFields(error)));
      this.server = server;
      this.log.info('metrics.listening', { port, path: '/metrics' });
    } catch (error) {
      this.log.warn('metrics.not_served', { port, ...errorFields(error), effect: 'this process has no /metrics' });
    }
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-content-type-options', 'nosniff');
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    } catch (error) {
      this.log.error('metrics.scrape_failed', errorFields(error));
      response.writeHead(500).end();
    }
  }
}
