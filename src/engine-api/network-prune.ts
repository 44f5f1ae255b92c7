/** Networks that nobody uses, the swarm's and the engine's (moby: Daemon.NetworksPrune). */
import type { Network } from '../model/objects.ts';
import { PREDEFINED_LABEL } from '../swarm/allocator/network-needs.ts';
import { hasLabels } from '../swarm/control/filter.ts';
import type { ApiResponse } from './api-message.ts';
import { guarded, type Call } from './call.ts';
import { readFilters, type FilterArgs } from './filters.ts';
import { notManager } from './not-manager.ts';

interface Report {
  readonly NetworksDeleted: readonly string[] | null;
}

/** The engine judges the filters and prunes its own. `until` is left to it alone: the swarm's networks stay then. */
export const pruneNetworks = (call: Call): void => {
  const prune = (response: ApiResponse): void => {
    const filters =
      response.status === 200 ? readFilters(call.request, call.options.behaveLike) : null;
    if (filters === null || filters.has('until') || notManager(call.node) !== null) {
      call.reply.relay(response);
      return;
    }
    call.node.control({ method: 'list-networks', filters: {} }, (result) => {
      const networks = result.ok ? result.value.filter((one) => mayGo(one, filters)) : [];
      removeAll(call, networks, [], (names) => {
        call.reply.relay(withNames(response, names));
      });
    });
  };
  call.node.engine(call.request, guarded(call, prune));
};

function mayGo({ spec }: Network, filters: FilterArgs): boolean {
  const { Ingress = false, Labels } = spec;
  const all = (key: string): boolean => hasLabels(filters.get(key), Labels);
  const isUnwanted = filters.has('label!') && all('label!');
  return !Ingress && Labels[PREDEFINED_LABEL] !== 'true' && all('label') && !isUnwanted;
}

/** One after another; one that is in use is passed over. */
function removeAll(
  call: Call,
  networks: readonly Network[],
  removed: readonly string[],
  done: (names: readonly string[]) => void,
): void {
  const [first, ...rest] = networks;
  if (first === undefined) {
    done(removed);
    return;
  }
  call.node.control({ method: 'remove-network', ref: first.id }, (result) => {
    removeAll(call, rest, result.ok ? [...removed, first.spec.Name] : removed, done);
  });
}

/** The swarm's names before the engine's. */
function withNames(response: ApiResponse, names: readonly string[]): ApiResponse {
  if (names.length === 0) return response;
  const { NetworksDeleted } = JSON.parse(response.body) as Report;
  const all = [...names, ...(NetworksDeleted ?? [])];
  return { ...response, body: `${JSON.stringify({ NetworksDeleted: all })}\n` };
}
