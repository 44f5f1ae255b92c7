import type Dockerode from 'dockerode';
import { engineError, statusOf } from './engine-error.ts';

/** Asks dockerd whether it has an image, once for all tasks that ask while the answer is on its way: those of a service come together. */
export class ImageLookups {
  readonly #docker: Dockerode;
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(docker: Dockerode) {
    this.#docker = docker;
  }

  async isPresent(image: string): Promise<boolean> {
    let lookup = this.#underWay.get(image);
    if (lookup === undefined) {
      lookup = this.#look(image).finally(() => {
        this.#underWay.delete(image);
      });
      this.#underWay.set(image, lookup);
    }
    return lookup;
  }

  async #look(image: string): Promise<boolean> {
    try {
      await this.#docker.getImage(image).inspect();
      return true;
    } catch (caught) {
      if (statusOf(caught) === 404) return false;
      throw engineError(caught);
    }
  }
}
