/**
 * A question through a link: a TLS greeting to the control port by way of the link's proxy. Whoever is a manager answers it within
 * milliseconds, without knowing us. It runs from this process: the proxy's toxics do not care who connects.
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { codeOf } from './node-client.ts';

/** `answered`: bytes came back. `silent`: connected, and nothing came. `closed`: connected, then closed or reset without an answer. */
export type ProbeOutcome = 'answered' | 'silent' | 'closed' | 'unreachable';

export interface Probe {
  readonly outcome: ProbeOutcome;
  readonly tookMs: number;
  /** The greeting was completed by both sides. */
  readonly isComplete: boolean;
  /** Node's error code where there was one. */
  readonly code?: string;
}

/** Greets ADDRESS:PORT and waits until the greeting is complete or over, for at most `waitMs`. */
export function greet(address: string, port: number, waitMs: number): Promise<Probe> {
  const began = performance.now();
  return new Promise((resolve) => {
    const tcp = connectTcp({ host: address, port });
    let isConnected = false;
    let isComplete = false;
    const end = (outcome: ProbeOutcome, code?: string): void => {
      clearTimeout(timer);
      const tookMs = Math.round(performance.now() - began);
      resolve({ outcome, tookMs, isComplete, ...(code === undefined ? {} : { code }) });
      tls.destroy();
      tcp.destroy();
    };
    const timer = setTimeout(() => {
      if (tcp.bytesRead > 0) end('answered', 'DEADLINE');
      else end(isConnected ? 'silent' : 'unreachable', 'DEADLINE');
    }, waitMs);
    const tls = connectTls({
      socket: tcp,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    tcp.once('connect', () => {
      isConnected = true;
    });
    const answered = (): void => {
      end(tcp.bytesRead > 0 ? 'answered' : 'closed');
    };
    tls.once('secureConnect', () => {
      isComplete = true;
      answered();
    });
    const failed = (error: unknown): void => {
      if (tcp.bytesRead > 0) end('answered', codeOf(error));
      else end(isConnected ? 'closed' : 'unreachable', codeOf(error));
    };
    tcp.once('error', failed);
    tls.on('error', failed);
    tls.once('close', answered);
  });
}

/**
 * Opens a connection, ends our side at once, and waits until the other side ends too: how long a close takes through a link.
 * Undefined when it was not done within `waitMs`.
 */
export function closeTime(
  address: string,
  port: number,
  waitMs: number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const tcp = connectTcp({ host: address, port, allowHalfOpen: true });
    let began = performance.now();
    const end = (tookMs: number | undefined): void => {
      clearTimeout(timer);
      resolve(tookMs);
      tcp.destroy();
    };
    const timer = setTimeout(() => {
      end(undefined);
    }, waitMs);
    tcp.once('connect', () => {
      began = performance.now();
      tcp.end();
      tcp.resume();
    });
    tcp.once('end', () => {
      end(Math.round(performance.now() - began));
    });
    tcp.once('error', () => {
      end(Math.round(performance.now() - began));
    });
  });
}

/** A probe in a few letters, for proofs. */
export function probeText(probe: Probe): string {
  const code = probe.code === undefined ? '' : ` ${probe.code}`;
  return `${probe.outcome}${code} after ${probe.tookMs} ms`;
}
