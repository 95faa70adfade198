import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { LIMIT_NAMES, LIMITS, type LimitName } from '../../config/limit-variables.js';
import { OrganizationLimits, type OwnLimits } from '../../limits/organization-limits.js';
import { Permission } from '../auth/permission.js';
import { invalid } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  organizationId,
  organizationLimitsIn,
  organizationLimitsOut,
  type OrganizationLimitsIn,
  type OrganizationLimitsOut,
} from './limits.schemas.js';

/** The limits of single organisations, for operators. */
@Controller('/api/v1/admin/organization/:org_id/limits')
@Tag('Limits')
@Permission('operator')
export class OrganizationLimitsController {
  constructor(private readonly limits: OrganizationLimits) {}

  @Get()
  @Operation({
    id: 'v1.admin.organization.get-limits',
    summary: 'Get the limits of an organisation',
    text: '`own` are the limits that an operator gave to it, `limits` what applies. Only an operator may ask.',
    answers: { 200: organizationLimitsOut },
  })
  async get(@Param('org_id', { schema: organizationId }) orgId: string): Promise<OrganizationLimitsOut> {
    return this.shown(orgId, await this.limits.ownOf(orgId));
  }

  @Put()
  @Operation({
    id: 'v1.admin.organization.update-limits',
    summary: 'Replace the limits of an organisation',
    text:
      'What the body leaves out, or sets to null, is the limit of all organisations. A change applies within seconds. What the ' +
      'organisation has already stays, also if it is more than a new limit. Only an operator may do this.',
    answers: { 200: organizationLimitsOut },
  })
  async put(
    @Param('org_id', { schema: organizationId }) orgId: string,
    @Body({ schema: organizationLimitsIn }) body: OrganizationLimitsIn,
  ): Promise<OrganizationLimitsOut> {
    const own = given(body);
    assertRates(own, this.limits.defaults);
    await this.limits.set(orgId, own);
    return this.shown(orgId, own);
  }

  @Delete()
  @HttpCode(204)
  @Operation({
    id: 'v1.admin.organization.delete-limits',
    summary: 'Give an organisation the limits of all organisations',
    text: 'Only an operator may do this.',
    answers: { 204: null },
  })
  async delete(@Param('org_id', { schema: organizationId }) orgId: string): Promise<void> {
    await this.limits.set(orgId, {});
  }

  private async shown(orgId: string, own: OwnLimits): Promise<OrganizationLimitsOut> {
    const all = Object.fromEntries(LIMIT_NAMES.map((name) => [name, own[name] ?? null])) as Record<LimitName, number | null>;
    return { orgId, own: all, limits: { ...this.limits.defaults, ...own } };
  }
}

function given(body: OrganizationLimitsIn): OwnLimits {
  return Object.fromEntries(LIMIT_NAMES.flatMap((name) => (typeof body[name] === 'number' ? [[name, body[name]]] : [])));
}

/** A burst without a rate, of its own or by the settings, would be no limit, which is hardly what was meant. */
function assertRates(own: OwnLimits, defaults: Required<OwnLimits>): void {
  const pairs = [
    ['throttleRate', 'throttleBurst'],
    ['throttleKeyRate', 'throttleKeyBurst'],
  ] as const;
  for (const [rate, burst] of pairs)
    if ((own[rate] ?? defaults[rate]) === 0 && (own[burst] ?? 0) > LIMITS[burst].min)
      throw invalid(['body', burst], `A burst needs a rate: set ${rate} too, or leave ${burst} out`);
}
