/**
 * Reads JSON that may hold secrets or keys. JSON.parse shows a piece of the text that it cannot read, and what is thrown here may reach a log.
 * Throws an error that says what it was and nothing of it.
 */
export function parsePrivate(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (caught) {
    if (caught instanceof SyntaxError) throw new Error(`${what} is no JSON`);
    throw caught;
  }
}
