import base from './jest.config.mjs';

/** What `npm run test:rehearsal` runs: the models of AWS that a rehearsal is made of. @type {import('jest').Config} */
export default { ...base, roots: ['<rootDir>/test/rehearsal'], testPathIgnorePatterns: ['/node_modules/'] };
