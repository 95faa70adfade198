import { Controller, Get, Query } from '@nestjs/common';
import { SearchRepository } from '../../database/repositories/search.repository.js';
import { isId } from '../../domain/ids.js';
import { Owner } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  searchOut,
  searchQuery,
  toFoundApplicationOut,
  toFoundEndpointOut,
  toFoundMessageOut,
  type SearchOut,
  type SearchQuery,
} from './search.schemas.js';

const MAX_FOUND = 20;
/** How long applications are looked through for a message without deliveries. Below the time limit of requests. */
const LOOK_THROUGH_MS = 3_000;

const NOTHING: SearchOut = { applications: [], endpoints: [], messages: [], complete: true };

/** Finds things by what somebody has in their hands. An organisation finds its own, an operator those of all. */
@Controller('/api/v1/search')
@Tag('Search')
@Permission('organization-or-operator')
export class SearchController {
  constructor(private readonly search: SearchRepository) {}

  @Get()
  @Operation({
    id: 'v1.search',
    summary: 'Find applications, endpoints and messages',
    text:
      'An id that begins with `app_`, `ep_` or `msg_` finds what has this id. Every other text finds applications: first those whose ' +
      'uid is the text or begins with it, then those whose name begins with it, whatever its case; at most 20. An organisation ' +
      'finds what is its own, an operator finds what belongs to any of them. A message with deliveries is found by their primary ' +
      'key. One without, because no endpoint was to get it, is looked for in each application by the primary key of messages, for ' +
      'at most three seconds: if there are applications left then, `complete` is false.',
    answers: { 200: searchOut },
  })
  async find(@Owner() owner: string | null, @Query({ schema: searchQuery }) { q }: SearchQuery): Promise<SearchOut> {
    if (isId('msg_', q)) return this.messages(owner, q);
    if (isId('ep_', q)) {
      const endpoint = await this.search.endpoint(owner, q);
      return { ...NOTHING, endpoints: endpoint ? [toFoundEndpointOut(endpoint)] : [] };
    }
    const applications = await this.search.applications(owner, q, MAX_FOUND);
    return { ...NOTHING, applications: applications.map(toFoundApplicationOut) };
  }

  private async messages(owner: string | null, id: string): Promise<SearchOut> {
    const until = performance.now() + LOOK_THROUGH_MS;
    const { found, complete } = await this.search.message(owner, id, () => performance.now() < until);
    return { ...NOTHING, messages: found ? [toFoundMessageOut(found)] : [], complete };
  }
}
