import { Console } from './app/console.js';
import { start } from './app/start.js';
import * as texts from './texts/en.js';

start('console', texts.shell.console, <Console />);
