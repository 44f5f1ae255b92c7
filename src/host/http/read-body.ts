import type { IncomingMessage } from 'node:http';

/** A body that came whole, or why not. */
export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** Larger than any spec or secret that Swarm takes. */
export const MAX_BODY_BYTES = 4 << 20;

/** Reads a request's body, up to a size and within a time; a client that sends half a request and stays is let go. */
export function readBody(
  incoming: IncomingMessage,
  deadlineMs: number,
  done: (body: Body) => void,
): void {
  const parts: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (body: Body): void => {
    if (finished) return;
    finished = true;
    clearTimeout(late);
    done(body);
  };
  const late = setTimeout(() => {
    finish({
      ok: false,
      status: 408,
      message: `the request's body did not arrive within ${deadlineMs} ms`,
    });
  }, deadlineMs);
  incoming.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= MAX_BODY_BYTES) parts.push(part);
    else
      finish({
        ok: false,
        status: 413,
        message: `the request's body is larger than ${MAX_BODY_BYTES} bytes`,
      });
  });
  incoming.on('end', () => {
    finish({ ok: true, bytes: Buffer.concat(parts) });
  });
  incoming.on('error', (caught) => {
    finish({ ok: false, status: 400, message: caught.message });
  });
}
