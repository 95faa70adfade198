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
 * A POST route that runs once for each idempotency key of a client. All POST routes are, except exports, which change nothing, and the creation of messages, which calls
 * `Idempotency` itself: its answers are too large to be stored, and its path must be fast.
 */
export function PostOnce(path?: string): MethodDecorator {
  return applyDecorators(Post(path), UseInterceptors(OnceInterceptor));
}
