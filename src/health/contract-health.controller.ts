import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Permission } from '../api/auth/permission.js';
import { Dependencies, type DependencyName } from './dependencies.js';

/** The health routes that Svix clients know. */
@Controller('api/v1/health')
@Permission('public')
export class ContractHealthController {
  constructor(private readonly dependencies: Dependencies) {}

  @Get()
  check(@Res({ passthrough: true }) reply: FastifyReply): Record<DependencyName, { status: 'ok' | 'error' }> {
    const statusOf = (name: DependencyName) => ({
      status: this.dependencies.state(name).up ? ('ok' as const) : ('error' as const),
    });
    const { names } = this.dependencies;
    void reply.status(names.every((name) => this.dependencies.state(name).up) ? 200 : 500);
    return { database: statusOf('database'), queue: statusOf('queue'), cache: statusOf('cache') };
  }

  @Get('ping')
  @HttpCode(204)
  ping(): void {}
}
