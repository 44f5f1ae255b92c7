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
  /** Answers with the certificate as PEM, alone: whoever trusts the root knows it. */
  sign(root: RootCa, request: SigningRequest, done: Done<string>): void;
  /** `SWMTKN-1-<digest of the root>-<fresh secret>`. */
  joinToken(rootCertificate: string): string;
  /** In constant time. */
  sameToken(a: string, b: string): boolean;
}
