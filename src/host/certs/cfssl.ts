/** A certificate authority elsewhere that speaks CFSSL over HTTPS (SwarmKit: ca/external.go). */
import { request } from 'node:https';
import { connect } from 'node:tls';
import { messageOf, SwarmError } from '../../model/errors.ts';
import type { SigningRequest } from '../../swarm/manager/authority.ts';
import { MANAGER_OU, ROOT_CN, WORKER_OU } from './certificate.ts';
import type { TlsIdentity } from './tls-identity.ts';

const REQUEST_MS = 5000;
const MAX_ANSWER_BYTES = 256 * 1024;

/** The node's own side, and the roots that the authority is known by. */
export type Credentials = Pick<TlsIdentity, 'key' | 'certificate'> & { readonly trusted: string };

/**
 * The certificate, from the first authority that gives one.
 * @throws SwarmError of the last one: InvalidArgument where it refuses, Unavailable where it may do it later.
 */
export async function signByCfssl(
  urls: readonly string[],
  credentials: Credentials,
  asked: SigningRequest,
): Promise<string> {
  let last = new SwarmError('Unavailable', 'no external CA URLs');
  for (const url of urls) {
    try {
      return await askOne(url, credentials, JSON.stringify(formOf(asked)));
    } catch (caught) {
      last =
        caught instanceof SwarmError
          ? caught
          : later(`unable to perform certificate signing request: ${messageOf(caught)}`);
    }
  }
  throw last;
}

/** Whether one of them can be reached, and is who it should be. */
export async function reachesAny(
  urls: readonly string[],
  credentials: Credentials,
): Promise<boolean> {
  for (const url of urls) if (await reaches(url, credentials)) return true;
  return false;
}

function formOf({ csr, nodeId, role, clusterId }: SigningRequest): unknown {
  const ou = role === 'manager' ? MANAGER_OU : WORKER_OU;
  return {
    hosts: [ou, nodeId, ...(role === 'manager' ? [ROOT_CN] : [])],
    certificate_request: csr,
    subject: { CN: nodeId, names: [{ O: clusterId, OU: ou }] },
  };
}

async function askOne(url: string, credentials: Credentials, body: string): Promise<string> {
  const { status, text } = await post(url, credentials, body);
  if (status !== 200) throw later(`unexpected status code in CSR response: ${status}`);
  const { success, errors, result } = parsed(text);
  if (success !== true || result === undefined || result === null) {
    const said = (errors ?? []).map(({ message }) => message ?? '').join(', ');
    throw refused(
      said === '' ? 'certificate signing request failed' : `response errors: [${said}]`,
    );
  }
  if (typeof result.certificate !== 'string')
    throw refused('invalid result certificate field type');
  return result.certificate;
}

interface Answer {
  readonly success?: boolean;
  readonly errors?: readonly { readonly message?: string }[];
  readonly result?: { readonly certificate?: unknown } | null;
}

function parsed(text: string): Answer {
  try {
    return (JSON.parse(text) as Answer | null) ?? {};
  } catch (caught) {
    throw later(`unable to parse JSON response: ${messageOf(caught)}`);
  }
}

function post(
  url: string,
  { key, certificate, trusted }: Credentials,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        key,
        cert: certificate,
        ca: trusted,
        minVersion: 'TLSv1.2',
        signal: AbortSignal.timeout(REQUEST_MS),
      },
      (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        answer.on('data', (part: Buffer) => {
          size += part.length;
          if (size > MAX_ANSWER_BYTES) asking.destroy(new Error('the answer is too large'));
          else parts.push(part);
        });
        answer.on('error', reject);
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() });
        });
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

function reaches(url: string, { key, certificate, trusted }: Credentials): Promise<boolean> {
  if (!URL.canParse(url) || !url.startsWith('https://')) return Promise.resolve(false);
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 443 : Number(port),
      servername: hostname,
      key,
      cert: certificate,
      ca: trusted,
      minVersion: 'TLSv1.2',
      timeout: REQUEST_MS,
    });
    const end = (isReached: boolean) => (): void => {
      socket.destroy();
      resolve(isReached);
    };
    socket.once('secureConnect', end(true));
    socket.once('error', end(false));
    socket.once('timeout', end(false));
  });
}

const later = (why: string): SwarmError => new SwarmError('Unavailable', why);
const refused = (why: string): SwarmError => new SwarmError('InvalidArgument', why);
