import { Injectable, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Idempotency } from './idempotency.js';

const OWN_IDEMPOTENCY = 'posthorn:own-idempotency';

/** For a POST that calls `Idempotency.once` itself, because its answer is too large to be kept whole. */
export function OwnIdempotency() {
  return SetMetadata(OWN_IDEMPOTENCY, true);
}

/** Makes every POST idempotent under the client's key. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.method !== 'POST' || this.reflector.get<boolean | undefined>(OWN_IDEMPOTENCY, context.getHandler()))
      return next.handle();
    const work = () => lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(this.idempotency.once(request, http.getResponse<FastifyReply>(), work));
  }
}
