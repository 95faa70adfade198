import { lazy } from 'react';
import { Route } from 'react-router';
import type { IconName } from '../kit/icon.js';
import * as texts from '../texts/en.js';

const Overview = lazy(() => import('../pages/overview/overview.page.js'));
const Endpoints = lazy(() => import('../pages/endpoints/endpoints.page.js'));
const Endpoint = lazy(() => import('../pages/endpoints/endpoint.page.js'));
const Messages = lazy(() => import('../pages/messages/messages.page.js'));
const Message = lazy(() => import('../pages/messages/message.page.js'));
const EventTypes = lazy(() => import('../pages/event-types/event-types.page.js'));
const EventType = lazy(() => import('../pages/event-types/event-type.page.js'));
const Verify = lazy(() => import('../pages/verify/verify.page.js'));

/** The pages of one application: the whole portal, and in the console a part below `/applications/:appId`. */
export const applicationRoutes = (
  <>
    <Route index element={<Overview />} />
    <Route path="endpoints" element={<Endpoints />} />
    <Route path="endpoints/:id" element={<Endpoint />} />
    <Route path="messages" element={<Messages />} />
    <Route path="messages/:id" element={<Message />} />
    <Route path="event-types" element={<EventTypes />} />
    <Route path="event-types/:name" element={<EventType />} />
    <Route path="verify" element={<Verify />} />
  </>
);

/** Where they are, from the application's own path. */
export const APPLICATION_NAV: readonly { path: string; label: string; icon: IconName }[] = [
  { path: '/', label: texts.pages.overview, icon: 'overview' },
  { path: '/endpoints', label: texts.pages.endpoints, icon: 'endpoints' },
  { path: '/messages', label: texts.pages.messages, icon: 'messages' },
  { path: '/event-types', label: texts.pages.eventTypes, icon: 'types' },
  { path: '/verify', label: texts.pages.verify, icon: 'verify' },
];
