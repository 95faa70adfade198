import type { DatabaseConfig } from '../config/config.js';
import { createReader } from '../database/data-source.js';
import { refusalOf } from '../database/errors.js';
import { MessageStoryRepository } from '../database/repositories/message-story.repository.js';
import { storyText } from './story-text.js';
import { storyOf } from './story.js';

/** What is asked for. */
export interface Where {
  msgId: string;
  /** The message's application, where it is known. */
  appId: string | null;
  json: boolean;
}

/**
 * The whole story of a message as text, from the database alone; null if there is no such message. It only reads, beside a service that
 * runs or without one, and needs no secret but the database's.
 */
export async function where(config: DatabaseConfig, { msgId, appId, json }: Where): Promise<string | null> {
  const dataSource = createReader(config);
  try {
    await dataSource.initialize();
    const found = await new MessageStoryRepository(dataSource).find(msgId, appId);
    if (found === null) return null;
    const story = storyOf(found);
    return json ? JSON.stringify(story, null, 2) : storyText(story);
  } catch (error) {
    throw refusalOf(error);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
  }
}
