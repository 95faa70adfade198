/** The names of the console's answers in the cache. */
export const consoleKeys = {
  attempts: ['console', 'attempts'] as const,
  ranking: ['console', 'ranking'] as const,
  processes: ['console', 'processes'] as const,
  applications: ['console', 'applications'] as const,
  search: ['console', 'search'] as const,
  deadLetters: ['console', 'dead-letters'] as const,
  tasks: ['console', 'tasks'] as const,
  webhooks: ['console', 'operational-webhooks'] as const,
  apiKeys: ['console', 'api-keys'] as const,
  usage: ['console', 'usage'] as const,
  audit: ['console', 'audit'] as const,
};
