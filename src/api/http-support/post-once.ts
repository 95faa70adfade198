import {
  applyDecorators,
  Injectable,
  Post,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Idempotency } from './idempotency.js';

@Injectable()
class OnceInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: Idempotency) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const work = () => lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(this.idempotency.once(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), work));
  }
}

/**
 * A POST route that runs once for each of the client's idempotency keys. All of them are, but for that of messages, which calls
 * `Idempotency.once` itself: its answers are too large to be kept whole, and its way should be short.
 */
export function PostOnce(path?: string): MethodDecorator {
  return applyDecorators(Post(path), UseInterceptors(OnceInterceptor));
}
