import type { Service } from '../../model/objects.ts';
import type { ServiceSpec } from '../../model/specs.ts';
import type { StoreEvent } from '../../swarm/store-watch.ts';
import type { Committed, Sight } from './ledger.ts';

/** Versions of objects, and what a rollback returns to. */
export class Specs {
  readonly #sight: Sight;
  /** By service: the spec that a rollback has to restore; null after an automatic one, which cannot be rolled back. */
  readonly #previous = new Map<string, ServiceSpec | null>();
  #newest = -1;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  committed({ index, events }: Committed): void {
    for (const event of events) {
      if (event.action === 'remove') continue;
      this.#judgeVersion(index, event);
      if (event.kind === 'service' && event.action === 'update')
        this.#follow(event.previous, event.object);
    }
  }

  #judgeVersion(index: number, event: Exclude<StoreEvent, { readonly action: 'remove' }>): void {
    const { version } = event.object.meta;
    const before = event.action === 'update' ? event.previous.meta.version : -1;
    const { report } = this.#sight;
    const what = `entry ${index} writes ${event.kind} ${event.object.id} in version ${version}`;
    if (version <= before) report('version-grows', `${what}; it had ${before}`);
    else if (version < this.#newest || version >= index)
      report('version-grows', `${what}; the entry before wrote version ${this.#newest}`);
    this.#newest = Math.max(this.#newest, version);
  }

  #follow(before: Service, service: Service): void {
    const isRollback = service.updateStatus?.state === 'rollback_started';
    const wasRollback = before.updateStatus?.state === 'rollback_started';
    const isNew = isRollback && (!wasRollback || before.spec !== service.spec);
    if (isNew) this.#judgeRollback(before, service);
    else if (before.spec !== service.spec) this.#previous.set(service.id, before.spec);
  }

  #judgeRollback(before: Service, service: Service): void {
    const wanted = this.#previous.get(service.id) ?? null;
    if (wanted === null || JSON.stringify(wanted) !== JSON.stringify(service.spec))
      this.#sight.report(
        'rollback-restores',
        `service ${service.spec.Name} is rolled back from ${image(before.spec)} to ${image(service.spec)} (version ${service.meta.version}); the spec before was ${wanted === null ? 'none' : image(wanted)}`,
      );
    // A manual rollback can be rolled back again, an automatic one cannot.
    const isManual = service.updateStatus?.message === 'manually requested rollback';
    this.#previous.set(service.id, isManual ? before.spec : null);
  }
}

const image = ({ TaskTemplate, Mode }: ServiceSpec): string =>
  `${TaskTemplate.ContainerSpec?.Image ?? 'no image'} x ${Mode.Replicated?.Replicas ?? 'global'}`;
