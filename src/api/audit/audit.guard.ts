import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { isUndecided } from '../../database/errors.js';
import type { AuditEntry } from '../../database/entities/audit-entry.entity.js';
import { newId } from '../../domain/ids.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { AuthenticatedRequest } from '../auth/auth.decorator.js';
import { servedRoute, type Route } from '../auth/route.js';
import { isLate, onLateAnswer } from '../http-support/request-limit.js';
import { AuditLog } from './audit-log.js';
import { entryOf, idInAnswer } from './audit-request.js';
import { isAudited } from './audited.js';

/**
 * Gives every operation that changes something its entry in the audit log. It refuses nobody. It runs after AuthGuard and before everything
 * else: requests without the right to call are not in the log, and neither are bodies that the schema refuses. (An interceptor would put
 * an Observable around every request, which costs a message 30 µs.)
 */
@Injectable()
export class AuditGuard implements CanActivate {
  private readonly open = new WeakMap<FastifyRequest, AuditEntry>();
  private readonly behindLoadBalancer: boolean;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly audit: AuditLog,
    private readonly clock: DatabaseClock,
    private readonly access: ApplicationAccess,
    host: HttpAdapterHost,
  ) {
    this.behindLoadBalancer = config.release !== null;
    const fastify: FastifyInstance = host.httpAdapter.getInstance();
    fastify.addHook('preSerialization', (request, _reply, answer, done) => {
      const entry = this.open.get(request);
      if (entry) entry.createdId = idInAnswer(answer);
      done(null, answer);
    });
    // Errors get their status from the filter, after the handler. A request whose time is over has its outcome when its handler ends.
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      if (!isLate(request)) this.end(request, reply.statusCode);
      done();
    });
  }

  canActivate(context: ExecutionContext): true | Promise<true> {
    const route = servedRoute(context);
    return isAudited(route) ? this.begin(context.switchToHttp().getRequest<FastifyRequest>(), route) : true;
  }

  /** No entry if the body will be refused: nothing is going to change. */
  private async begin(request: FastifyRequest, route: Route): Promise<true> {
    const id = newId('audit_', this.clock.now());
    const entry = await entryOf(request, route, { id, behindLoadBalancer: this.behindLoadBalancer });
    if (entry === null) return true;
    entry.appId = await this.applicationId(request, entry.appId);
    try {
      await this.audit.begin(entry);
      this.remember(request, entry);
    } catch (error) {
      // The entry may have been committed. Then the log must say that the change was not tried.
      if (isUndecided(error)) this.remember(request, entry);
      throw error;
    }
    return true;
  }

  private remember(request: FastifyRequest, entry: AuditEntry): void {
    this.open.set(request, entry);
    onLateAnswer(request, (status, answer) => {
      entry.createdId = idInAnswer(answer);
      this.end(request, status);
    });
  }

  /** The id of an application that the path names by its uid. It is read once: the handler gets the same one. */
  private async applicationId({ auth }: AuthenticatedRequest, inPath: string | null): Promise<string | null> {
    if (!auth || inPath === null || inPath.startsWith('app_')) return inPath;
    return (await this.access.find(auth, inPath))?.id ?? inPath;
  }

  private end(request: FastifyRequest, status: number): void {
    const entry = this.open.get(request);
    if (!entry) return;
    this.open.delete(request);
    const { auth } = request as AuthenticatedRequest;
    const { orgId, id, createdId } = entry;
    const created = createdId?.startsWith('app_') ? createdId : null;
    const appId = (auth && this.access.foundFor(auth)?.id) ?? created ?? entry.appId;
    this.audit.end({ orgId, id, appId, createdId, status });
  }
}
