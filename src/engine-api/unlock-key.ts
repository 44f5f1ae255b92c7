/** Unlock keys as people see them: `SWMKEY-1-` and the key's 32 bytes in base 64 without padding (SwarmKit: encryption.HumanReadableKey). */
const FORM = /^SWMKEY-1-([A-Za-z0-9+/]*)$/;

/** The text for a key, `''` where there is none. */
export const showUnlockKey = (key: string): string => (key === '' ? '' : `SWMKEY-1-${key}`);

/** The key of a text, in base 64; null when it is none. One of another length is a key, which fits nowhere. */
export function readUnlockKey(text: string): string | null {
  const key = FORM.exec(text)?.[1];
  return key === undefined || key.length % 4 === 1 ? null : key;
}
