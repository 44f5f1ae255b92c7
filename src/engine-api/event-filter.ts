import { hasLabels } from '../swarm/control/filter.ts';
import type { FilterArgs } from './filters.ts';
import type { SwarmEvent } from './swarm-events.ts';

/** moby looks at ids and names under each of these keys, whatever the event is about. */
const NAMED = [
  'daemon',
  'container',
  'plugin',
  'volume',
  'network',
  'node',
  'service',
  'secret',
  'config',
];
/** Actions with more words after them; naming one of these makes the whole filter one of prefixes. */
const FUZZY_ACTIONS = ['health_status', 'exec_create', 'exec_start'];

/** Whether a client that filters so wants the event (moby: daemon/events/filter.go). Unknown keys are let be. */
export function wantsEvent(filters: FilterArgs, event: SwarmEvent): boolean {
  const { type, action, id, attributes } = event;
  const { name = '' } = attributes;
  const isFuzzy = (filters.get('event') ?? []).some((value) => FUZZY_ACTIONS.includes(value));
  return (
    (isFuzzy ? begins(filters, 'event', action) : is(filters, 'event', action)) &&
    is(filters, 'type', type) &&
    is(filters, 'scope', 'swarm') &&
    NAMED.every((key) => begins(filters, key, id) || begins(filters, key, name)) &&
    (is(filters, 'image', id) || is(filters, 'image', '')) &&
    hasLabels(filters.get('label'), attributes)
  );
}

function is(filters: FilterArgs, key: string, value: string): boolean {
  const wanted = filters.get(key) ?? [];
  return wanted.length === 0 || wanted.includes(value);
}

function begins(filters: FilterArgs, key: string, value: string): boolean {
  const wanted = filters.get(key) ?? [];
  return wanted.length === 0 || wanted.some((prefix) => value.startsWith(prefix));
}
