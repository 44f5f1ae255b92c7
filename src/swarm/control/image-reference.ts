/** What SwarmKit takes for an image's name (distribution/reference: ParseNormalizedNamed). */
const IDENTIFIER = /^[a-f0-9]{64}$/;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(
  `^(${DOMAIN}/${COMPONENT}(?:/${COMPONENT})*)(?::${TAG})?(?:@(${DIGEST}))?$`,
);
const MAX_NAME_LENGTH = 255;

/** Digest algorithms and their lengths in hex digits. */
const DIGESTS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Whether the text names an image: repository in lower case, tag and digest in form, no bare id. */
export function isImageReference(text: string): boolean {
  if (IDENTIFIER.test(text)) return false;
  const { domain, path } = split(text);
  const repository = path.includes(':') ? path.slice(0, path.indexOf(':')) : path;
  if (repository !== repository.toLowerCase()) return false;
  const match = REFERENCE.exec(`${domain}/${path}`);
  if (match === null || (match[1] ?? '').length > MAX_NAME_LENGTH) return false;
  return match[2] === undefined || isDigest(match[2]);
}

/** The first part is a registry when it looks like a host: a dot, a port, capitals, or localhost. */
function split(text: string): { readonly domain: string; readonly path: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (slash >= 0 && isHost) return { domain: first, path: text.slice(slash + 1) };
  return { domain: 'docker.io', path: slash < 0 ? `library/${text}` : text };
}

function isDigest(text: string): boolean {
  const [algorithm = '', hex = ''] = text.split(':');
  return DIGESTS[algorithm] === hex.length && hex === hex.toLowerCase();
}
