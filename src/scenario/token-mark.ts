/** Join tokens in a history: their form and a digest, never the secret itself. */

/** SwarmKit: SWMTKN-1, the digest of the root certificate in 50 characters of base 36, the secret in 25. */
const FORM = /^(SWMTKN-1-[0-9a-z]{50})-([0-9a-z]{25})$/;
const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** What stands in a history for a token: equal for equal tokens. One that has another form is only said to have. */
export function tokenMark(token: string): string {
  const [, front, secret] = FORM.exec(token) ?? [];
  if (front === undefined || secret === undefined)
    return `no join token, ${token.length} characters`;
  return `${front}-(25 characters, digest ${digest(secret)})`;
}

/** FNV-1a of 64 bits: enough to tell a few tokens apart. */
function digest(text: string): string {
  let hash = OFFSET;
  for (const character of text)
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.charCodeAt(0))) * PRIME);
  return hash.toString(16).padStart(16, '0');
}
