export const tokenOfConsole = '"Try it out" uses the token of the console that is open in this tab. "Authorize" changes it.';
export const noToken = 'Press "Authorize" and give a token before you try an operation.';
export const body = 'Request body';
export const noneFound =
  'No operation has these words in its group, its path or what it does. Try another word, or a part of one.';
