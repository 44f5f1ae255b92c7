import { sizeOf, type Subnet } from './subnet.ts';

/**
 * The addresses of one IPv4 block. Which is next is sequential: the search goes on after the last one that was given, and begins anew at the end
 * (moby: the bitmap of libnetwork's ipam, with serial allocation). The block's own address and its broadcast address are never given.
 */
export class AddressPool {
  readonly #base: number;
  readonly #size: number;
  /** Where addresses that nobody asked for by name come from. */
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();
  #next: number;

  constructor(base: number, bits: number, range: Subnet | null) {
    this.#base = base;
    this.#size = sizeOf(bits);
    const edges = this.#size > 2 ? [base, base + this.#size - 1] : [];
    for (const edge of edges) this.#taken.add(edge);
    this.#first = range?.base ?? base;
    this.#last = this.#first + (range === null ? this.#size : sizeOf(range.bits)) - 1;
    this.#next = this.#first;
  }

  has(address: number): boolean {
    return address >= this.#base && address < this.#base + this.#size;
  }

  /** Null where none is free. */
  any(): number | null {
    const count = this.#last - this.#first + 1;
    for (let step = 0; step < count; step += 1) {
      const address = this.#first + ((this.#next - this.#first + step) % count);
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      this.#next = address + 1;
      return address;
    }
    return null;
  }

  /** False where it is taken, or not of this block. */
  take(address: number): boolean {
    if (!this.has(address) || this.#taken.has(address)) return false;
    this.#taken.add(address);
    return true;
  }

  release(address: number): void {
    this.#taken.delete(address);
  }
}

/** Gives blocks for networks that name none: of the default pools the next that overlaps no other, beginning anew at the end (moby: allocatePredefinedPool). */
export class SubnetPool {
  readonly #pools: readonly Subnet[];
  readonly #bits: number;
  readonly #count: number;
  readonly #taken = new Map<string, Subnet>();
  #start = 0;

  constructor(pools: readonly Subnet[], bits: number) {
    this.#pools = pools.filter((pool) => pool.base !== null);
    this.#bits = bits;
    this.#count = this.#pools.reduce((sum, pool) => sum + this.#blocksIn(pool), 0);
  }

  /** Null where every block is in use. */
  any(): Subnet | null {
    for (let step = 0; step < this.#count; step += 1) {
      const at = (this.#start + step) % this.#count;
      const subnet = this.#block(at);
      if (subnet === null || !this.take(subnet)) continue;
      this.#start = at + 1;
      return subnet;
    }
    return null;
  }

  /** False where it overlaps one that is in use. */
  take(subnet: Subnet): boolean {
    if ([...this.#taken.values()].some((other) => overlap(other, subnet))) return false;
    this.#taken.set(keyOf(subnet), subnet);
    return true;
  }

  release(subnet: Subnet): void {
    this.#taken.delete(keyOf(subnet));
  }

  #blocksIn(pool: Subnet): number {
    return Math.max(1, sizeOf(pool.bits) / sizeOf(this.#bits));
  }

  #block(index: number): Subnet | null {
    let left = index;
    for (const pool of this.#pools) {
      const blocks = this.#blocksIn(pool);
      if (left < blocks)
        return { base: (pool.base ?? 0) + left * sizeOf(this.#bits), bits: this.#bits };
      left -= blocks;
    }
    return null;
  }
}

const keyOf = ({ base, bits }: Subnet): string => `${String(base)}/${bits}`;

function overlap(a: Subnet, b: Subnet): boolean {
  if (a.base === null || b.base === null) return false;
  return a.base < b.base + sizeOf(b.bits) && b.base < a.base + sizeOf(a.bits);
}
