import { expect, it } from '@jest/globals';
import { withoutCredentials } from '../../src/domain/hidden-credentials.js';

it.each([
  ['/api/v1/auth/api-token/phk_YqKjrzBYqquk1Yh55CDYWdkaqiq5G4w6/expire', '/api/v1/auth/api-token/****/expire'],
  ['/app/whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '/app/****'],
  ['/app/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvcmdfYSJ9.c2lnbmF0dXJl/msg', '/app/****/msg'],
  ['/app/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJv', '/app/****'],
])('hides a credential in %s', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

it.each(['/api/v1/app/app_2abc/msg/msg_3def', '/app/phk_shop', '/event-type/eyJ.sent'])('leaves %s as it is', (text) => {
  expect(withoutCredentials(text)).toBe(text);
});
