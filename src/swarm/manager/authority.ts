/** The port to key material: signing needs real cryptography, which a dry room has none of (SwarmKit: package ca). */
import type { ClusterId, NodeId } from '../../model/ids.ts';
import type { Done } from '../../model/result.ts';
import type { NodeRole } from '../../model/specs.ts';

export interface RootCa {
  /** PEM. */
  readonly certificate: string;
  /** PEM; only managers have it, through the store. */
  readonly key: string;
}

/** What signs: a root, or the root that is being moved to, with the certificate that those who trust the old one need beside their own. */
export interface Signer extends RootCa {
  /** PEM; goes along with every certificate that is signed. */
  readonly crossSigned?: string;
}

/** Authorities that sign in the swarm's name (SwarmKit: CFSSL over HTTPS), and the PEM of the roots that they are known by. */
export interface Elsewhere {
  readonly urls: readonly string[];
  readonly trusted: string;
}

/** Who signed a certificate: subject and public key, DER in base 64. */
export interface Issuer {
  readonly subject: string;
  readonly publicKey: string;
}

export interface SigningRequest {
  /** PEM; only its public key counts. */
  readonly csr: string;
  readonly nodeId: NodeId;
  readonly role: NodeRole;
  readonly clusterId: ClusterId;
  /** Validity in nanoseconds, as the cluster's spec has it. */
  readonly expiry: number;
}

export interface Authority {
  createRoot(done: Done<RootCa>): void;
  /** Answers with the certificate as PEM, alone but for a cross-signed root: whoever trusts the root knows it. */
  sign(signer: Signer, request: SigningRequest, done: Done<string>): void;
  /** Has it signed by an authority elsewhere. Errors: InvalidArgument where that one refuses; anything else is tried again. */
  signElsewhere(where: Elsewhere, request: SigningRequest, done: Done<string>): void;
  /** Whether one of these authorities can be reached and has a certificate of that root, within 5 s each. */
  reachesAny(where: Elsewhere, done: (isReached: boolean) => void): void;
  /** The certificate of another root, signed by this one. */
  crossSign(by: RootCa, certificate: string, done: Done<string>): void;
  /** A root that somebody brings, in the form in which it is kept; its key may be missing. Errors: InvalidArgument in SwarmKit's words. */
  checkRoot(root: RootCa): RootCa;
  /** Of the certificates that a root signs. */
  issuerOf(rootCertificate: string): Issuer;
  /** `SWMTKN-1-<digest of the root>-<fresh secret>`. */
  joinToken(rootCertificate: string): string;
  /** In constant time. */
  sameToken(a: string, b: string): boolean;
  /** 32 fresh bytes in base 64. */
  unlockKey(): string;
}
