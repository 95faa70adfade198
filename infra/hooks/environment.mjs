/**
 * A variable that the function was made with. Throws if it is missing or empty.
 * @param {string} name
 */
export function environment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

/**
 * Writes one line into the function's log.
 * @param {string} event
 * @param {object} facts
 */
export function say(event, facts) {
  console.log(JSON.stringify({ event, ...facts }));
}
