/** Join tokens: `SWMTKN-1-`, the digest of the root certificate, a secret that decides the role (SwarmKit: ca/config.go). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SwarmError } from '../../model/errors.ts';

const DIGEST_LENGTH = 50;
const SECRET_LENGTH = 25;
const FORM = /^SWMTKN-1-([0-9a-z]{50})-([0-9a-z]{25})$/;

/** A token taken apart: the SHA-256 of the root's PEM in hex, and the secret's text. */
export interface JoinToken {
  readonly digest: string;
  readonly secret: string;
}

/** SHA-256 over the PEM bytes, in hex: what a joining node compares the fetched root with. */
export const rootDigest = (rootPem: string): string =>
  createHash('sha256').update(rootPem).digest('hex');

/** A new token for that root, with 16 random bytes of secret. */
export function createJoinToken(rootPem: string): string {
  const digest = toBase36(rootDigest(rootPem), DIGEST_LENGTH);
  const secret = toBase36(randomBytes(16).toString('hex'), SECRET_LENGTH);
  return `SWMTKN-1-${digest}-${secret}`;
}

/** @throws SwarmError InvalidArgument `invalid join token`, Swarm's text, for anything that is not in the form. */
export function parseJoinToken(token: string): JoinToken {
  const parts = FORM.exec(token);
  const digest = fromBase36(parts?.[1] ?? '');
  // 50 digits in base 36 hold a little more than 256 bits; what does not fit is no digest.
  if (parts === null || digest.length > 64) {
    throw new SwarmError('InvalidArgument', 'invalid join token', 'facade');
  }
  return { digest: digest.padStart(64, '0'), secret: parts[2] ?? '' };
}

/**
 * The role that a presented token grants, or `null`. Both comparisons are always made, each in a time that does not
 * depend on where the texts differ.
 */
export function roleOfToken(
  presented: string,
  tokens: { readonly worker: string; readonly manager: string },
): 'worker' | 'manager' | null {
  const worker = sameText(presented, tokens.worker);
  const manager = sameText(presented, tokens.manager);
  if (manager) return 'manager';
  return worker ? 'worker' : null;
}

// Hashing first makes the lengths equal, which the comparison needs. An empty token never matches.
export function sameText(presented: string, kept: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(presented), hash(kept)) && kept !== '';
}

const toBase36 = (hex: string, length: number): string =>
  BigInt(`0x${hex}`).toString(36).padStart(length, '0');

function fromBase36(text: string): string {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(parseInt(digit, 36));
  return value.toString(16);
}
