import type { NodeDescription } from '../../model/objects.ts';
import type { Enrolment, Identity } from './node-ports.ts';

/** A node's description with the root that it trusts and who signed its certificate (moby: `TLSInfo`), where that can be read. */
export function withTlsInfo(
  description: NodeDescription,
  identity: Identity,
  enrolment: Pick<Enrolment, 'issuer'>,
): NodeDescription {
  const issuer = enrolment.issuer(identity);
  if (issuer === null) return description;
  const { subject: issuerSubject, publicKey: issuerPublicKey } = issuer;
  return { ...description, tls: { trustRoot: identity.rootCa, issuerSubject, issuerPublicKey } };
}
