/** The names of answers in the cache. What begins alike is forgotten together: `invalidateQueries({ queryKey: keys.endpoints(appId) })`. */
export const keys = {
  settings: ['settings'] as const,
  app: (appId: string) => ['app', appId] as const,
  endpoints: (appId: string) => ['app', appId, 'endpoints'] as const,
  endpoint: (appId: string, id: string) => ['app', appId, 'endpoints', id] as const,
  messages: (appId: string) => ['app', appId, 'messages'] as const,
  message: (appId: string, id: string) => ['app', appId, 'messages', id] as const,
  eventTypes: ['event-types'] as const,
  applications: ['applications'] as const,
};
