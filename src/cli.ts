#!/usr/bin/env node
import { requireNode } from './node-version.js';

requireNode(process.versions.node);
const [name = '', ...rest] = process.argv.slice(2);
if (name === 'healthcheck') {
  // Before commands.js is loaded, which brings everything that the other commands need.
  const { runHealthcheck } = await import('./healthcheck.js');
  await runHealthcheck(rest, process.env);
} else {
  const { runCommand } = await import('./commands.js');
  await runCommand([name, ...rest], process.env);
}
