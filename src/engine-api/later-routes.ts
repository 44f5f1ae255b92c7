/** Parts of the API whose objects the twin does not have yet: their lists are empty, what would make one is refused. */
import { SwarmError } from '../model/errors.ts';
import { managersOnly, then, type Call } from './call.ts';
import { notBuilt } from './convert-swarm.ts';
import { checkKeys, readFilters } from './filters.ts';
import { list, struct } from './go-type.ts';
import { isOn } from './query.ts';
import { readBody } from './read-body.ts';

const NOTHING = list(struct('swarm.Nothing'));
const ANYTHING = struct('swarm.Anything');

const SECRET_FILTERS = ['names', 'name', 'id', 'label'];
const CONFIG_FILTERS = ['name', 'id', 'label'];

const listNothing =
  (accepted: readonly string[]) =>
  (call: Call): void => {
    const filters = readFilters(call.request, call.options.behaveLike);
    managersOnly(call);
    checkKeys(filters, accepted, call.options.behaveLike);
    // Without a leader this fails like every other list.
    call.node.control(
      { method: 'get-cluster' },
      then(call, () => {
        call.reply.json([], NOTHING);
      }),
    );
  };

export const listSecrets = listNothing(SECRET_FILTERS);
export const listConfigs = listNothing(CONFIG_FILTERS);

const refuse =
  (what: string) =>
  (call: Call): void => {
    readBody(call.request, ANYTHING, call.options.behaveLike);
    managersOnly(call);
    throw notBuilt(what);
  };

export const createSecret = refuse('secrets');
export const createConfig = refuse('configs');

const missing =
  (kind: string) =>
  (call: Call): void => {
    managersOnly(call);
    call.node.control(
      { method: 'get-cluster' },
      then(call, () => {
        throw new SwarmError('NotFound', `${kind} ${call.id} not found`, 'facade');
      }),
    );
  };

export const missingSecret = missing('secret');
export const missingConfig = missing('config');

/** Logs are validated as moby does, then refused. */
const logs =
  (method: 'get-service' | 'get-task') =>
  (call: Call): void => {
    if (!isOn(call.request, 'stdout') && !isOn(call.request, 'stderr'))
      throw new SwarmError(
        'Unknown',
        'Bad parameters: you must choose at least one stream',
        'facade',
      );
    managersOnly(call);
    call.node.control(
      { method, ref: call.id },
      then(call, () => {
        throw notBuilt(
          'the logs of services and tasks',
          '; use docker logs on the node that runs the task',
        );
      }),
    );
  };

export const serviceLogs = logs('get-service');
export const taskLogs = logs('get-task');
