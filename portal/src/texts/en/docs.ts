export const tokenOfConsole = '"Try it out" uses the token of the console that is open in this tab. "Authorize" changes it.';
export const body = 'Request body';
