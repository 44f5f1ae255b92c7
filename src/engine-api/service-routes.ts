import { SwarmError } from '../model/errors.ts';
import type { Service } from '../model/objects.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { queryValue } from './api-message.ts';
import { adjustForVersion } from './api-version.ts';
import { guard, managersOnly, then, type Call } from './call.ts';
import { convertServiceSpec, type PostedServiceSpec } from './convert-service.ts';
import { checkKeys, forLeader, readFilters } from './filters.ts';
import { pinImage } from './pinned-image.ts';
import { refused } from './posted.ts';
import { strictBool, versionOf } from './query.ts';
import { readBody } from './read-body.ts';
import { renderListed, renderService } from './render-service.ts';
import { resolveNetworks } from './resolve-networks.ts';
import { insertDefaults } from './service-defaults.ts';
import {
  SERVICE,
  SERVICES,
  SERVICE_CREATED,
  SERVICE_CREATED_BEFORE_26,
  SERVICE_SPEC,
  SERVICE_UPDATED,
} from './service-schema.ts';
import { compareVersions } from './version-order.ts';
import { writtenOnce } from './written-once.ts';

const FILTERS = ['name', 'id', 'label', 'mode', 'runtime'];

const listed = writtenOnce(renderService, SERVICE);

export const listServices = (call: Call): void => {
  const { request, options } = call;
  const filters = readFilters(request, options.behaveLike, 'InvalidArgument');
  const withStatus = compareVersions(call.version, '1.41') >= 0 && strictBool(request, 'status');
  managersOnly(call);
  checkKeys(filters, FILTERS, options.behaveLike);
  const modes = filters.get('mode') ?? [];
  const runtimes = filters.get('runtime') ?? [];
  call.node.control(
    { method: 'list-services', filters: forLeader(filters, ['name', 'id', 'label']) },
    then(call, (views) => {
      // Every service of the twin runs containers; the mode is the facade's to filter.
      const shown = views.filter(
        ({ service }) =>
          (runtimes.length === 0 || runtimes.includes('container')) &&
          (modes.length === 0 || modes.includes(modeOf(service.spec))),
      );
      call.reply.json(
        shown.map((view) =>
          withStatus ? renderListed(view) : listed(view.service, options.behaveLike),
        ),
        SERVICES,
      );
    }),
  );
};

export const inspectService = (call: Call): void => {
  const withDefaults = strictBool(call.request, 'insertDefaults');
  managersOnly(call);
  call.node.control(
    { method: 'get-service', ref: call.id },
    then(call, (service) => {
      const shown = withDefaults ? { ...service, spec: insertDefaults(service.spec) } : service;
      call.reply.json(renderService(shown), SERVICE);
    }),
  );
};

export const createService = (call: Call): void => {
  const posted = readSpec(call, false);
  managersOnly(call);
  resolveNetworks(call, posted, (resolved) => {
    const declared = convertServiceSpec(resolved, call.node.random);
    refusePlugin(resolved);
    const credentials = credentialsOf(call);
    pinImage(call, withCredentials(declared, credentials), credentials, ({ spec, warnings }) => {
      call.node.control(
        { method: 'create-service', spec },
        then(call, ({ id }) => {
          const shape =
            call.options.behaveLike === '20.10' ? SERVICE_CREATED_BEFORE_26 : SERVICE_CREATED;
          call.reply.json({ ID: id, ...warned(warnings) }, shape, 201);
        }),
      );
    });
  });
};

export const updateService = (call: Call): void => {
  const { node, request } = call;
  const posted = readSpec(call, true);
  const version = versionOf(request, 'service');
  managersOnly(call);
  resolveNetworks(call, posted, (resolved) => {
    const declared = convertServiceSpec(resolved, node.random);
    refusePlugin(resolved);
    node.control(
      { method: 'get-service', ref: call.id },
      then(call, (service) => {
        const given = credentialsOf(call);
        const kept = (): string =>
          keptCredentials(queryValue(request, 'registryAuthFrom'), service);
        const credentials = given === '' ? kept() : given;
        pinImage(call, withCredentials(declared, credentials), credentials, (pinned) => {
          guard(call, () => {
            const rollback = rollbackOption(queryValue(request, 'rollback'));
            node.control(
              { method: 'update-service', ref: service.id, version, spec: pinned.spec, rollback },
              then(call, () => {
                call.reply.json(warned(pinned.warnings), SERVICE_UPDATED);
              }),
            );
          });
        });
      }),
    );
  });
};

export const removeService = (call: Call): void => {
  managersOnly(call);
  call.node.control(
    { method: 'remove-service', ref: call.id },
    then(call, () => {
      call.reply.empty();
    }),
  );
};

function readSpec(call: Call, isUpdate: boolean): PostedServiceSpec {
  const engine = call.options.behaveLike;
  const posted = readBody(call.request, SERVICE_SPEC, engine) as PostedServiceSpec;
  if (posted.TaskTemplate?.LogDriver?.Name === 'logentries' && engine === '26.1')
    throw refused('the logentries logging driver has been deprecated and removed');
  return adjustForVersion(posted, call.version, engine, isUpdate);
}

/** Plugins as services are experimental in every engine, and the twin is never experimental. */
function refusePlugin(posted: PostedServiceSpec): void {
  if (posted.TaskTemplate?.Runtime === 'plugin')
    throw broken(`runtime type "plugin" only supported in experimental`);
}

/** What nodes pull the image with, encoded as the client sent it; nobody is shown it. */
const credentialsOf = ({ request }: Call): string => request.headers['x-registry-auth'] ?? '';

const withCredentials = (spec: ServiceSpec, encoded: string): ServiceSpec => {
  const { ContainerSpec } = spec.TaskTemplate;
  if (encoded === '' || ContainerSpec === undefined) return spec;
  const PullOptions = { RegistryAuth: encoded };
  return {
    ...spec,
    TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { ...ContainerSpec, PullOptions } },
  };
};

/** An update without credentials goes on with those of the spec in force, or of the one before where it says so. */
function keptCredentials(from: string, service: Service): string {
  if (!['', 'spec', 'previous-spec'].includes(from))
    throw broken('unsupported registryAuthFrom value');
  const isPrevious = from === 'previous-spec';
  if (isPrevious && service.previousSpec === undefined)
    throw broken('service does not have a previous spec');
  const spec = isPrevious ? service.previousSpec : service.spec;
  return spec?.TaskTemplate.ContainerSpec?.PullOptions?.RegistryAuth ?? '';
}

function rollbackOption(given: string): boolean {
  if (!['', 'none', 'previous'].includes(given))
    throw broken(`unrecognized rollback option ${given}`);
  return given === 'previous';
}

function modeOf({ Mode }: ServiceSpec): string {
  if (Mode.Global !== undefined) return 'global';
  if (Mode.ReplicatedJob !== undefined) return 'replicated-job';
  return Mode.GlobalJob === undefined ? 'replicated' : 'global-job';
}

/** No list where there is nothing in it. */
const warned = (Warnings: readonly string[]): object => (Warnings.length === 0 ? {} : { Warnings });

const broken = (message: string): SwarmError => new SwarmError('Unknown', message, 'facade');
