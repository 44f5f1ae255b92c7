/** Who vouches for a certificate, as Go judges it. OpenSSL judges by itself but for one case, see {@link isVouchedFor}. */
import { X509Certificate } from 'node:crypto';
import { fromPem } from './pem.ts';

/** No chain of Swarm's is longer: a node's certificate, the new root signed by the old one, and a root. */
export const LONGEST_CHAIN = 4;

/**
 * Whether one of the roots (PEM) vouches for the first of the certificates, by way of the others where it has to. SwarmKit's cross-signed roots do not say whose
 * key signed them, and their issuer has their own name; so OpenSSL takes them for self-signed, and never looks for the root behind them.
 */
export function isVouchedFor(
  chain: readonly X509Certificate[],
  roots: string,
  nowMs: number,
): boolean {
  const trusted = fromPem('CERTIFICATE', roots).map((root) => new X509Certificate(root));
  const [leaf, ...others] = chain.slice(0, LONGEST_CHAIN);
  return leaf !== undefined && reaches(leaf, others, trusted, nowMs);
}

function reaches(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  nowMs: number,
): boolean {
  if (!isInForce(certificate, nowMs)) return false;
  if (trusted.some((root) => isInForce(root, nowMs) && signed(root, certificate))) return true;
  return others.some(
    (other) =>
      signed(other, certificate) &&
      reaches(
        other,
        others.filter((each) => each !== other),
        trusted,
        nowMs,
      ),
  );
}

const signed = (issuer: X509Certificate, certificate: X509Certificate): boolean =>
  issuer.ca && issuer.subject === certificate.issuer && certificate.verify(issuer.publicKey);

const isInForce = ({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean =>
  validFromDate.getTime() <= nowMs && nowMs <= validToDate.getTime();
