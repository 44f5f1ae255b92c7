const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes as base 64 with padding. */
export function encodeBase64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(at, at + 3);
    const group = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += digit(group >> 18) + digit(group >> 12);
    text += left > 1 ? digit(group >> 6) : '=';
    text += left > 2 ? digit(group) : '=';
  }
  return text;
}

/** The bytes of a base 64 text, white space aside; null when it is none. */
export function decodeBase64(text: string): number[] | null {
  const digits = text.replace(/\s/g, '').replace(/={1,2}$/, '');
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of digits) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return digits.length % 4 === 1 ? null : bytes;
}

const digit = (value: number): string => ALPHABET.charAt(value & 63);
