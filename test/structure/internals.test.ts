import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { All, Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { handlerMetadata } from '../../src/api/auth/nest-metadata.js';
import { sqliteConnection } from '../../src/database/typeorm-internals.js';

/** Files of src that contain the pattern. */
function filesWith(pattern: RegExp): string[] {
  return globSync('src/**/*.ts').filter((file) => pattern.test(readFileSync(file, 'utf8')));
}

const query = z.object({ limit: z.string() });
const body = z.object({ name: z.string() });

@Controller('/api/things')
class Things {
  @Get(['one', 'other'])
  list(@Query({ schema: query }) _query: unknown) {}
  @Patch(':id')
  change(@Query('plain') _plain: unknown, @Body({ schema: body }) _body: unknown) {}
  @All('*')
  any() {}
  helper() {}
}

describe("Nest's internals", () => {
  it('are imported in one file', () => {
    expect(filesWith(/from '@nestjs\/[^/']+\/[^']+'/)).toEqual(['src/api/auth/nest-metadata.ts']);
  });

  it('are where the route catalog, the guard and the OpenAPI document read them: if not, mend src/api/auth/nest-metadata.ts', () => {
    expect(handlerMetadata(Things, 'list')).toEqual({
      method: 'GET',
      paths: ['/api/things', 'one'],
      query,
      body: undefined,
    });
    expect(handlerMetadata(Things, 'change')).toEqual({
      method: 'PATCH',
      paths: ['/api/things', ':id'],
      query: undefined,
      body,
    });
    expect(handlerMetadata(Things, 'any')).toMatchObject({ method: 'ALL' });
    expect(handlerMetadata(Things, 'helper')).toBeNull();
  });
});

describe("TypeORM's internals", () => {
  it('are used in one file', () => {
    expect(filesWith(/from 'typeorm\/|\.driver\b/)).toEqual(['src/database/typeorm-internals.ts']);
  });

  it('have the connection of SQLite that the engine prepares its statements on: if not, mend src/database/typeorm-internals.ts', async () => {
    const source = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
    expect(sqliteConnection(source).prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
    await source.destroy();
  });
});
