import { Portal } from './app/portal.js';
import { start } from './app/start.js';
import * as texts from './texts/en.js';

start('portal', texts.shell.portal, <Portal />);
