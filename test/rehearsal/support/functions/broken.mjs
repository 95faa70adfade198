import { missing } from './not-there.mjs';

export const handler = async () => missing;
