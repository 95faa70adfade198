import { Controller, Get, HttpCode, HttpException, Res } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { Permission } from '../api/auth/permission.js';
import { Dependencies, type DependencyName } from './dependencies.js';
import { ProcessIndicators } from './process-indicators.js';

/** Three health checks. They answer from the last probes, so that they cost the dependencies nothing. */
@Controller('health')
@Permission('public')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly dependencies: Dependencies,
    private readonly process: ProcessIndicators,
  ) {}

  /** Is everything up that this process depends on? */
  @Get()
  all(@Res({ passthrough: true }) reply: FastifyReply) {
    const dependencies = this.dependencies.names.map((name) => () => this.strict(name));
    return this.answer(reply, [...dependencies, () => this.process.load(), ...this.process.release()]);
  }

  /** Should the load balancer send traffic? Not before each dependency was up once and the release gate had an answer, and not while stopping. */
  @Get('ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const dependencies = this.dependencies.names.map((name) => () => this.lenient(name));
    return this.answer(reply, [() => this.process.draining(), ...dependencies, ...this.process.release()]);
  }

  /** Is the process alive: does its event loop answer? */
  @Get('live')
  @HttpCode(200)
  live(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.answer(reply, []);
  }

  private strict(name: DependencyName): HealthIndicatorResult {
    const { up, reason, latencyMs, facts } = this.dependencies.state(name);
    const session = this.indicators.check(name);
    return up ? session.up({ latencyMs, ...facts }) : session.down({ latencyMs, reason });
  }

  /** A dependency that goes down later does not make the task unready: all tasks share it, and replacing them would not help. */
  private lenient(name: DependencyName): HealthIndicatorResult {
    const { up, everUp, reason, latencyMs, facts } = this.dependencies.state(name);
    const session = this.indicators.check(name);
    if (up) return session.up({ latencyMs, ...facts });
    return everUp ? session.degraded({ latencyMs, reason }) : session.down({ latencyMs, reason });
  }

  private async answer(reply: FastifyReply, checks: (() => HealthIndicatorResult)[]): Promise<HealthCheckResult> {
    void reply.header('cache-control', 'no-store');
    try {
      return await this.health.check(checks);
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      void reply.status(error.getStatus());
      return error.getResponse() as HealthCheckResult;
    }
  }
}
