/** A node's side of every TLS connection; all PEM. */
export interface TlsIdentity {
  readonly key: string;
  /** The node's certificate, and whatever lies between it and the root. */
  readonly certificate: string;
  /** What to trust: one or, during a rotation, several root certificates. */
  readonly rootCa: string;
}
