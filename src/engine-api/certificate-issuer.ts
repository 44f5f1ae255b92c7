import { decodeBase64, encodeBase64 } from '../model/base64.ts';

/** A certificate's subject and public key as they stand in it, DER in base 64. */
export interface Issuer {
  readonly subject: string;
  readonly publicKey: string;
}

interface Element {
  /** Where its tag is, where its content is, and where it ends. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** The subject and public key of the first certificate of a PEM text, for TLSInfo; null when it cannot be read (SwarmKit: ca.IssuerFromAPIRootCA). */
export function readIssuer(pem: string): Issuer | null {
  const body = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(pem)?.[1];
  const der = body === undefined ? null : decodeBase64(body);
  if (der === null) return null;
  const certificate = elementAt(der, 0);
  const signed = certificate === null ? null : elementAt(der, certificate.content);
  if (signed === null) return null;
  const members = membersOf(der, signed);
  // An optional version comes first, tagged [0]; then serial, algorithm, issuer, validity, subject, key.
  const first = der[members[0]?.start ?? 0] === 0xa0 ? 1 : 0;
  const subject = members[first + 4];
  const key = members[first + 5];
  if (subject === undefined || key === undefined) return null;
  const cut = ({ start, end }: Element): string => encodeBase64(der.slice(start, end));
  return { subject: cut(subject), publicKey: cut(key) };
}

function membersOf(der: readonly number[], parent: Element): readonly Element[] {
  const members: Element[] = [];
  let at = parent.content;
  while (at < parent.end) {
    const element = elementAt(der, at);
    if (element === null || element.end > parent.end) break;
    members.push(element);
    at = element.end;
  }
  return members;
}

/** One DER element: tag, length in one byte or in the number of bytes that it names, content. */
function elementAt(der: readonly number[], start: number): Element | null {
  const first = der[start + 1];
  if (first === undefined) return null;
  const width = first < 0x80 ? 0 : first & 0x7f;
  if (width > 4) return null;
  let length = width === 0 ? first : 0;
  for (let at = 0; at < width; at += 1) length = length * 256 + (der[start + 2 + at] ?? 0);
  const content = start + 2 + width;
  return content + length > der.length ? null : { start, content, end: content + length };
}
