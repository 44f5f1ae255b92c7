/** PEM is base 64 in lines of 64 between two markers; the digest in a join token is over these very bytes. */

/** One block, with a newline at its end as Go writes it. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The DER of every block of that label, in order; anything else in the text is passed over. */
export function fromPem(label: string, text: string): Buffer[] {
  const block = new RegExp(
    `-----BEGIN ${label}-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ${label}-----`,
    'g',
  );
  return [...text.matchAll(block)].map((match) => Buffer.from(match[1] ?? '', 'base64'));
}
