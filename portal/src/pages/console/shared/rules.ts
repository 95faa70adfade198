import { isPathName, textProblem } from '../../../api/text-rules.js';
import * as texts from '../../../texts/en.js';

const { rules } = texts.kit;
const MAX_KEY_NAME = 255;
const MAX_ID = 256;

/** What is wrong with a new application, before the request. `uid` may be ''. */
export function applicationProblems({ name, uid }: { name: string; uid: string }) {
  return { name: nameProblem(name), uid: uidProblem(uid) };
}

/** What is wrong with a new API key, before the request. `appId` may be ''. */
export function keyProblems({ name, appId }: { name: string; appId: string }) {
  return {
    name: nameProblem(name, MAX_KEY_NAME),
    appId: appId.trim().length > MAX_ID ? rules.tooLong(MAX_ID) : null,
  };
}

function nameProblem(name: string, max?: number): string | null {
  return name.trim() === '' ? rules.nameMissing : textProblem(name.trim(), max);
}

function uidProblem(uid: string): string | null {
  if (uid === '' || isPathName(uid)) return uid.startsWith('app_') ? rules.appUid : null;
  return rules.name;
}
