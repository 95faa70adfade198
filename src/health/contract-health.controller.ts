import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Permission } from '../api/auth/permission.js';
import { Operation, Tag } from '../api/http-support/operation.js';
import { healthOut, type HealthOut } from './contract-health.schemas.js';
import { Dependencies, type DependencyName } from './dependencies.js';

/** The health routes that Svix clients know. */
@Controller('api/v1/health')
@Tag('Health')
@Permission('public')
export class ContractHealthController {
  constructor(private readonly dependencies: Dependencies) {}

  @Get()
  @Operation({
    id: 'v1.health.get',
    summary: 'Check the database, the queue and the cache',
    answers: { 200: healthOut, 500: healthOut },
  })
  check(@Res({ passthrough: true }) reply: FastifyReply): HealthOut {
    const statusOf = (name: DependencyName) => ({
      status: this.dependencies.state(name).up ? ('ok' as const) : ('error' as const),
    });
    const { names } = this.dependencies;
    void reply.status(names.every((name) => this.dependencies.state(name).up) ? 200 : 500);
    return { database: statusOf('database'), queue: statusOf('queue'), cache: statusOf('cache') };
  }

  @Get('ping')
  @HttpCode(204)
  @Operation({ id: 'v1.health.ping', summary: 'Check that the service answers', answers: { 204: null } })
  ping(): void {}
}
