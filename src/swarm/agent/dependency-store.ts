import type { Config, Secret, Task } from '../../model/objects.ts';
import type { Assignment } from '../session.ts';
import type { Dependencies } from './executor.ts';

/** Secrets and configs that the manager has entrusted to this node. In memory only, so that they are gone with the daemon. */
export class DependencyStore {
  readonly #secrets = new Map<string, Secret>();
  readonly #configs = new Map<string, Config>();

  clear(): void {
    this.#secrets.clear();
    this.#configs.clear();
  }

  apply(change: Assignment): void {
    if (change.kind === 'secret') {
      if (change.action === 'update') this.#secrets.set(change.secret.id, change.secret);
      else this.#secrets.delete(change.id);
    } else if (change.kind === 'config') {
      if (change.action === 'update') this.#configs.set(change.config.id, change.config);
      else this.#configs.delete(change.id);
    }
  }

  /** What the task refers to, looked up at each reading: after a restart it comes later than the task. */
  of(task: Task): Dependencies {
    const container = task.spec.ContainerSpec;
    const secrets = this.#secrets;
    const configs = this.#configs;
    return {
      get secrets(): readonly Secret[] {
        return (container?.Secrets ?? []).flatMap(({ SecretID }) => secrets.get(SecretID) ?? []);
      },
      get configs(): readonly Config[] {
        return (container?.Configs ?? []).flatMap(({ ConfigID }) => configs.get(ConfigID) ?? []);
      },
    };
  }
}
