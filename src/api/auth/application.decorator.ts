import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { checkedBody } from '../http-support/contract.pipe.js';
import { ApplicationAccess } from './application-access.js';
import type { AuthenticatedRequest } from './auth.decorator.js';
import { servedRoute, type Route } from './route.js';

interface Call {
  request: AuthenticatedRequest;
  route: Route;
}

/** Finds the application in the path, unless the guard has found it for this request. Throws 404 if there is none. */
@Injectable()
export class ApplicationPipe implements PipeTransform<Call, Promise<Application>> {
  constructor(private readonly access: ApplicationAccess) {}

  async transform({ request, route }: Call): Promise<Application> {
    // Nest checks all parameters at the same time. A bad body must be refused before the application is looked up.
    if (route.body) await checkedBody(route.body, request.body);
    return this.access.require(request.auth!, (request.params as { app_id: string }).app_id);
  }
}

const currentCall = createParamDecorator((_data: unknown, context: ExecutionContext): Call => {
  return { request: context.switchToHttp().getRequest<AuthenticatedRequest>(), route: servedRoute(context) };
});

/** Hands the application in the path (`{app_id}`) to a handler. */
export function App(): ParameterDecorator {
  return currentCall(ApplicationPipe);
}
