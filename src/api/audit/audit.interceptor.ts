import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defer, from, mergeMap, tap, type Observable } from 'rxjs';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { isUndecided } from '../../database/errors.js';
import type { AuditEntry } from '../../database/entities/audit-entry.entity.js';
import { newId } from '../../domain/ids.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { AuthenticatedRequest } from '../auth/auth.decorator.js';
import { servedRoute, type Route } from '../auth/route.js';
import { AuditLog } from './audit-log.js';
import { entryOf, idInAnswer } from './audit-request.js';
import { isAudited } from './audited.js';

/**
 * Gives every operation that changes something its entry in the audit log. It runs after the guard and before everything else: requests
 * without the right to call are not in the log, and neither are bodies that the schema refuses.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
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
    // Errors get their status from the filter, after all interceptors.
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      this.end(request, reply.statusCode);
      done();
    });
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = servedRoute(context);
    if (!isAudited(route)) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return defer(() => from(this.begin(request, route))).pipe(
      mergeMap((entry) => (entry ? next.handle().pipe(tap((answer) => (entry.createdId = idInAnswer(answer)))) : next.handle())),
    );
  }

  /** Null if the body will be refused: nothing is going to change. */
  private async begin(request: FastifyRequest, route: Route): Promise<AuditEntry | null> {
    const id = newId('audit_', this.clock.now());
    const entry = await entryOf(request, route, { id, behindLoadBalancer: this.behindLoadBalancer });
    if (entry === null) return null;
    entry.appId = await this.applicationId(request, entry.appId);
    try {
      await this.audit.begin(entry);
      this.open.set(request, entry);
    } catch (error) {
      // The entry may have been committed. Then the log must say that the change was not tried.
      if (isUndecided(error)) this.open.set(request, entry);
      throw error;
    }
    return entry;
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
