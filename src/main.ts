import { requireNode } from './node-version.js';

requireNode(process.versions.node);
const { start } = await import('./start.js');
await start(process.env);
