/** The one source of chance. Everything drawn comes from a seed that is printed, so that a run can be played again. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, limit). */
  below(limit: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** A generator of its own, so that one part's draws do not shift another's. */
  fork(): Random;
}

/** A 32-bit generator (sfc32) from a seed of any length. The same seed gives the same numbers on every machine. */
export function createRandom(seed: string): Random {
  const words = seedWords(seed);
  let [a, b, c] = [words[0] ?? 1, words[1] ?? 2, words[2] ?? 3];
  let counter = 1;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round += 1) word();
  const next = (): number => word() / 0x1_0000_0000;
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    between: (low, high) => low + next() * (high - low),
    fork: () => createRandom(`${String(word())}/${String(word())}`),
  };
}

/** An id as Swarm draws them: 17 random bytes with the top bit set, in base 36, 25 characters (SwarmKit: identity/randomid). */
export function drawId(random: Random): string {
  let text = '';
  // The top bit makes the first digit one of the upper half; 36^25 is just above 2^129, so digits can be drawn one by one.
  for (let place = 0; place < 25; place += 1) text += random.below(36).toString(36);
  return text;
}

function seedWords(seed: string): number[] {
  const words: number[] = [];
  for (let salt = 0; salt < 3; salt += 1) {
    let hash = 0x811c9dc5 ^ (salt * 0x9e3779b9);
    for (let at = 0; at < seed.length; at += 1) {
      hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193);
    }
    words.push(hash | 0);
  }
  return words;
}
