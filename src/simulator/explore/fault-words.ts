/** Faults in words: for the trace of a run, and as keys of what was covered. */
import type { Fault } from '../../model/fault.ts';
import type { SimFault } from '../sim-fault.ts';
import type { ExplorerFault } from './plan.ts';

/** What a drawn fault counts as. One on a link may be several things at once. */
export const FAULT_KEYS = [
  ...['crash', 'kill', 'stop', 'pause', 'slow machine', 'clock skew', 'clock drift'],
  ...['cut away', 'cut halves', 'cut bridge', 'cut ring', 'cut one-way', 'cut swizzle'],
  ...['link delay', 'link jitter', 'link loss', 'link duplication', 'link reset'],
  ...['disk full', 'disk slow', 'sync fails', 'crash at a write', 'lost writes'],
  ...['rotten log', 'rotten snapshot', 'rotten state'],
  ...['engine restart', 'container exit', 'slow pulls', 'failing pulls'],
] as const;
export type FaultKey = (typeof FAULT_KEYS)[number];

export function faultKeys(fault: ExplorerFault): readonly FaultKey[] {
  switch (fault.kind) {
    case 'crash':
    case 'kill':
    case 'stop':
    case 'pause':
      return [fault.kind];
    case 'cut':
      return [`cut ${fault.shape}`];
    case 'slow':
      return keysOf({
        'link delay': fault.delayMs > 0,
        'link jitter': fault.jitterMs > 0,
        'link loss': fault.loss > 0,
        'link duplication': fault.duplication > 0,
      });
    case 'skew':
      return keysOf({ 'clock skew': fault.offsetMs !== 0, 'clock drift': fault.driftPpm !== 0 });
    case 'disk-rot':
      return [`rotten ${fault.what}`];
    case 'slow-pulls':
      return [fault.failure === undefined ? 'slow pulls' : 'failing pulls'];
    default:
      return [ONE_KEY[fault.kind]];
  }
}

const ONE_KEY = {
  'slow-machine': 'slow machine',
  reset: 'link reset',
  'disk-full': 'disk full',
  'disk-slow': 'disk slow',
  'sync-fails': 'sync fails',
  'crash-at-write': 'crash at a write',
  'lost-writes': 'lost writes',
  'restart-engine': 'engine restart',
  exit: 'container exit',
} as const;

const keysOf = (keys: Partial<Record<FaultKey, boolean>>): readonly FaultKey[] =>
  FAULT_KEYS.filter((key) => keys[key] === true);

/** One line about a fault as it was planned, with the machines that it hit. */
export function describeFault(fault: ExplorerFault, hit: Fault | SimFault): string {
  const words = faultKeys(fault).join(' and ');
  if ('links' in hit) return `${words}${numbers(hit)} ${links(hit.links)}`;
  const where = 'node' in hit ? hit.node : '';
  return fault.kind === 'exit'
    ? `${words} ${fault.code} of ${fault.service} on ${where}`
    : `${words}${numbers(hit)} ${where}`;
}

/** What a fault says beside whom it hits. */
function numbers(fault: object): string {
  const said = Object.entries(fault)
    .filter(([, value]) => typeof value === 'number' && value !== 0)
    .map(([name, value]) => `${name} ${String(value)}`);
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

const links = (all: readonly { readonly from: string; readonly to: string }[]): string =>
  all.map(({ from, to }) => `${from}>${to}`).join(' ');
