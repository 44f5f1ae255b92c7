/** Secrets and configs (moby: swarm router's cluster_routes.go). The two differ in their filters, and a secret's data never comes back. */
import type { ControlReplies, ControlRequest } from '../model/control.ts';
import { managersOnly, then, type Call, type Route } from './call.ts';
import { convertConfigSpec, convertSecretSpec, renderData } from './convert-data.ts';
import {
  CONFIG,
  CONFIG_SPEC,
  CONFIGS,
  DATA_CREATED,
  SECRET,
  SECRET_SPEC,
  SECRETS,
} from './data-schema.ts';
import { checkKeys, forLeader, readFilters } from './filters.ts';
import type { GoRecord } from './go-decode.ts';
import type { GoStruct } from './go-type.ts';
import { refused } from './posted.ts';
import { isUint64 } from './query.ts';
import { readBody } from './read-body.ts';
import { queryValue } from './api-message.ts';
import { compareVersions } from './version-order.ts';

type Kind = 'secret' | 'config';

/** Filters that the leader knows too; `names` is exact. */
const FILTERS: Readonly<Record<Kind, readonly string[]>> = {
  secret: ['names', 'name', 'id', 'label'],
  config: ['name', 'id', 'label'],
};

const TEMPLATING_SINCE = '1.37';

const listOf =
  (kind: Kind): Route =>
  (call) => {
    const { behaveLike } = call.options;
    const filters = readFilters(call.request, behaveLike);
    managersOnly(call);
    checkKeys(filters, FILTERS[kind], behaveLike);
    ask(
      call,
      { method: `list-${kind}s`, filters: forLeader(filters, FILTERS[kind]) },
      (objects) => {
        call.reply.json(objects.map(renderData), kind === 'secret' ? SECRETS : CONFIGS);
      },
    );
  };

const inspect =
  (kind: Kind): Route =>
  (call) => {
    managersOnly(call);
    ask(call, { method: `get-${kind}`, ref: call.id }, (object) => {
      call.reply.json(renderData(object), kind === 'secret' ? SECRET : CONFIG);
    });
  };

const remove =
  (kind: Kind): Route =>
  (call) => {
    managersOnly(call);
    ask(call, { method: `remove-${kind}`, ref: call.id }, () => {
      call.reply.noContent();
    });
  };

export const listSecrets = listOf('secret');
export const listConfigs = listOf('config');
export const inspectSecret = inspect('secret');
export const inspectConfig = inspect('config');
export const removeSecret = remove('secret');
export const removeConfig = remove('config');

export const createSecret = (call: Call): void => {
  const posted = readSpec(call, SECRET_SPEC);
  checkTemplating(call, 'secret', posted);
  managersOnly(call);
  ask(call, { method: 'create-secret', spec: convertSecretSpec(posted) }, ({ id }) => {
    call.reply.json({ ID: id }, DATA_CREATED, 201);
  });
};

export const createConfig = (call: Call): void => {
  const posted = readSpec(call, CONFIG_SPEC);
  checkTemplating(call, 'config', posted);
  managersOnly(call);
  ask(call, { method: 'create-config', spec: convertConfigSpec(posted) }, ({ id }) => {
    call.reply.json({ ID: id }, DATA_CREATED, 201);
  });
};

export const updateSecret = (call: Call): void => {
  const spec = convertSecretSpec(readSpec(call, SECRET_SPEC));
  const version = readVersion(call, 'secret');
  managersOnly(call);
  ask(call, { method: 'update-secret', ref: call.id, version, spec }, () => {
    call.reply.empty();
  });
};

export const updateConfig = (call: Call): void => {
  const spec = convertConfigSpec(readSpec(call, CONFIG_SPEC));
  const version = readVersion(call, 'config');
  managersOnly(call);
  ask(call, { method: 'update-config', ref: call.id, version, spec }, () => {
    call.reply.empty();
  });
};

function ask<R extends ControlRequest>(
  call: Call,
  request: R,
  next: (value: ControlReplies[R['method']]) => void,
): void {
  call.node.control(request, then(call, next));
}

const readSpec = (call: Call, type: GoStruct): GoRecord =>
  readBody(call.request, type, call.options.behaveLike);

function checkTemplating(call: Call, kind: Kind, posted: GoRecord): void {
  if (posted['Templating'] === undefined || compareVersions(call.version, TEMPLATING_SINCE) >= 0)
    return;
  throw refused(
    `${kind} templating is not supported on the specified API version: ${call.version}`,
  );
}

/** moby does not say here what is wrong with the number. */
function readVersion({ request }: Call, kind: Kind): number {
  const given = queryValue(request, 'version');
  if (!isUint64(given)) throw refused(`invalid ${kind} version`);
  return Number(given);
}
